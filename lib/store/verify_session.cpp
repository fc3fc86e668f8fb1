#include "store/verify_session.hpp"

#include "agentstore/checkpoint.hpp"

#include <algorithm>
#include <memory>
#include <string>

#include "log/text_source.hpp"
#include "log/verify.hpp"

namespace agentstore {
namespace {

// A log that is shorter than the newest note says, or another one, has lost events.
void compare_with_checkpoint(Verification& verified, const Result<Checkpoint>& note) {
  if (!note) {
    add_finding(verified,
                {FindingKind::checkpoint, 0, 0, 0,
                 "the store's newest checkpoint cannot be read: " + note.error().message});
    return;
  }
  if (verified.verdict == Verdict::damaged) return;
  const auto mark = std::find_if(verified.marks.begin(), verified.marks.end(),
                                 [&](const Mark& each) { return each.size == note->size; });
  const bool reached = mark != verified.marks.end();
  if (reached && mark->root == note->root) return;
  if (!reached && verified.verdict == Verdict::lost) return;  // It was said to be.
  verified.verdict = Verdict::lost;
  add_finding(verified, {FindingKind::lost, 0, 0, note->size,
                         reached ? "the first " + std::to_string(note->size) +
                                       " events are not those of the store's checkpoint"
                                 : "the log ends at #" + std::to_string(verified.events) +
                                       ", and the store's checkpoint was made at #" +
                                       std::to_string(note->size)});
}

}  // namespace

Result<Verification> verify_session(Backend& backend, std::string_view session_id,
                                    const VerifyOptions& wanted, const SessionEntries& entries) {
  const std::string id{session_id};
  auto source = backend.log(session_id);
  const bool missing = !source && source.error().code == Code::not_found && entries.known;
  if (missing) source = std::make_unique<log::TextSource>("", "no log");
  if (!source && entries.findings.empty()) return std::unexpected(source.error());
  if (!source) {
    Verification unread;
    unread.session_id = id;
    unread.verdict = Verdict::damaged;
    return unread;
  }
  const auto note = backend.newest_checkpoint(session_id);
  auto checkpoint = !note   ? Result<Checkpoint>{std::unexpected(note.error())}
                    : *note ? read_checkpoint(**note)
                            : Result<Checkpoint>{};
  const bool signed_before = !note || *note;
  VerifyOptions asked = wanted;
  if (signed_before && checkpoint) asked.marks.push_back(checkpoint->size);
  auto verified = log::verify(**source, id, false, asked);
  if (!verified) return verified;
  // A log that lost its end may lack what explains a redaction: lost says more than damaged.
  if (signed_before) compare_with_checkpoint(*verified, checkpoint);
  verified->verdict = beside_findings(verified->verdict, verified->finding_count);
  return verified;
}

}  // namespace agentstore
