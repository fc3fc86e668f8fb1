#include "formats/verify.hpp"

#include <algorithm>
#include <charconv>

#include "agentstore/checkpoint.hpp"
#include "cmd/commands.hpp"
#include "cmd/drafts.hpp"
#include "cmd/select.hpp"
#include "cmd/transcript_reader.hpp"

namespace agentstore::cmd {
namespace {

/// What an auditor kept of a log, and holds it to.
struct Evidence {
  std::optional<Checkpoint> checkpoint;
  std::optional<Mark> head;  ///< its hash and size
};

Result<std::string> read_text(const std::string& path) {
  constexpr std::size_t text_bytes_max = std::size_t{1} << 20;
  return read_whole_file(path, text_bytes_max);
}

/// "HASH@N".
Result<Mark> parse_head(const std::string& word) {
  Mark mark{.head = word.substr(0, word.find('@')), .root = {}};
  const char* const end = word.data() + word.size();
  const std::size_t number = std::min(mark.head.size() + 1, word.size());
  const auto [rest, error] = std::from_chars(word.data() + number, end, mark.size);
  if (mark.head.size() != 64 || mark.head.find_first_not_of("0123456789abcdef") != word.npos ||
      error != std::errc{} || rest != end)
    return fail(Code::invalid, in_quotes(word) + " is no head",
                "write HASH@N: 64 hex digits, and the event's sequence number");
  return mark;
}

Result<Evidence> evidence_of(const VerifyCommand& options) {
  Evidence evidence;
  if (options.head) {
    const auto head = parse_head(*options.head);
    if (!head) return std::unexpected{head.error()};
    evidence.head = *head;
  }
  if (!options.checkpoint) return evidence;
  if (!options.key)
    return fail(Code::invalid, "--checkpoint needs the --key of who signed it",
                "`agentstore checkpoint --verifier-key` prints it");
  const auto note = read_text(*options.checkpoint);
  if (!note) return std::unexpected{note.error()};
  std::string key = *options.key;
  if (key.find('+') == key.npos) {
    auto text = read_text(key);
    if (!text) return std::unexpected{text.error()};
    key = std::move(*text);
  }
  auto checkpoint = open_checkpoint(*note, key);
  if (!checkpoint) return std::unexpected{checkpoint.error()};
  evidence.checkpoint = std::move(*checkpoint);
  return evidence;
}

agentstore::VerifyOptions wanted(const VerifyCommand& options, const Evidence& evidence) {
  agentstore::VerifyOptions verify{.marks = {}, .snapshots = options.snapshots};
  if (evidence.checkpoint) verify.marks.push_back(evidence.checkpoint->size);
  if (evidence.head) verify.marks.push_back(evidence.head->size);
  return verify;
}

void add_finding(Verification& verification, Finding finding) {
  verification.findings.push_back(std::move(finding));
  ++verification.finding_count;
}

void hold_to(Verification& verification, const Evidence& evidence) {
  const auto mark_at = [&](std::uint64_t size) {
    const auto found = std::ranges::find(verification.marks, size, &Mark::size);
    return found == verification.marks.end() ? Mark{} : *found;
  };
  if (const auto& head = evidence.head; head && mark_at(head->size).head != head->head)
    add_finding(verification,
                {"head", 0, 0, head->size,
                 "the event's hash is not the one given, or the log does not reach it"});
  if (const auto& note = evidence.checkpoint) {
    if (!note->origin.ends_with("/" + verification.session_id)) {
      add_finding(verification,
                  {"checkpoint", 0, 0, 0, "the checkpoint is one of another log: " + note->origin});
    } else if (mark_at(note->size).root != note->root) {
      verification.verdict = Verdict::lost;
      add_finding(verification,
                  {"checkpoint", 0, 0, note->size,
                   "the log does not go on from what the checkpoint signed: its first " +
                       std::to_string(note->size) + " events are others, or gone"});
    }
  }
}

Result<Chosen> choose(Selector& selector, const std::string& word) {
  auto one = selector.choose(word);
  if (one && one->point)
    return fail(Code::invalid, in_quotes(word) + " ends at an event: a log is verified as a whole",
                "name the session alone; --head HASH@N holds event N to its hash");
  return one;
}

Result<Verification> verify_one(Selector& selector, const Chosen& chosen,
                                const agentstore::VerifyOptions& options) {
  if (!chosen.path.empty()) {
    const auto path = selector.path_of(chosen);
    if (!path) return std::unexpected{path.error()};
    const auto source = transcript_at(*path);
    if (!source) return std::unexpected{source.error()};
    if (*source != nullptr) return verify_transcript(*path, **source);
    return verify_log(*path, options);
  }
  auto store = selector.store();
  if (!store) return std::unexpected{store.error()};
  return (*store)->verify(chosen.session.id, options);
}

}  // namespace

int run(Context& context, const VerifyCommand& options) {
  const auto evidence = evidence_of(options);
  if (!evidence) return context.refuse(evidence.error());
  if ((options.head || options.checkpoint) && options.sessions.size() != 1)
    return context.refuse(Code::invalid, "a head or a checkpoint is that of one session",
                          "name the session");
  Selector selector{context};
  int status = Status::fine;
  const auto note_status = [&](int other) {
    if (status == Status::fine) status = other;
  };

  std::vector<Chosen> chosen;
  if (options.sessions.empty()) {
    auto all = selector.all();
    if (!all) return context.refuse(all.error());
    chosen = std::move(*all);
  }
  for (const std::string& word : options.sessions) {
    auto one = choose(selector, word);
    if (one) chosen.push_back(std::move(*one));
    else note_status(context.refuse(one.error()));
  }

  std::vector<Verification> verifications;
  std::uint64_t unsealed = 0;
  for (const Chosen& one : chosen) {
    auto verification = verify_one(selector, one, wanted(options, *evidence));
    if (!verification) {
      note_status(context.refuse(verification.error()));
      continue;
    }
    hold_to(*verification, *evidence);
    if (formats::has_findings(*verification)) note_status(Status::finding);
    unsealed += verification->unsealed;
    verifications.push_back(std::move(*verification));
  }
  context.start_pager();
  if (context.common.json) formats::write_verify_json(context.out, verifications);
  else if (!verifications.empty() || status == Status::fine)
    formats::write_verify_text(context.out, verifications, context.screen());
  if (options.require_sealed && unsealed > 0) {
    context.warn(std::to_string(unsealed) +
                 " events are not sealed, and --require-sealed is given");
    note_status(Status::finding);
  }
  return context.finish(status);
}

}  // namespace agentstore::cmd
