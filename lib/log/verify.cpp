#include "log/verify.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "agentstore/json.hpp"
#include "log/equal_ids.hpp"
#include "log/merkle.hpp"
#include "log/redaction.hpp"
#include "log/scan.hpp"
#include "log/verify_clean.hpp"

namespace agentstore::log {
namespace {

// A redacted line needs the event that says why: sealed, later, naming its number and payload hash.
class Redactions {
 public:
  void see(const Line& line) {
    if (line.seal == Seal::redacted) {
      open_.emplace(line.event.sequence_number,
                    Gone{line.number, line.event.offset_bytes, line.event.redacted_by,
                         std::string{line.payload_hash}});
    } else if (line.event.type == redacted_type && line.seal == Seal::sealed) {
      explain(line);
    }
  }

  std::uint64_t count() const { return open_.size() + explained_; }
  std::vector<Finding> findings() {
    for (const auto& [number, gone] : open_) {
      findings_.push_back(
          {"redaction", gone.line, gone.offset_bytes, number,
           "its payload was redacted, and #" + std::to_string(gone.by) + " does not say so"});
    }
    return std::move(findings_);
  }

 private:
  struct Gone {
    std::uint64_t line;
    std::uint64_t offset_bytes;
    std::uint64_t by;
    std::string payload_hash;
  };

  void explain(const Line& line) {
    const auto number = json::find_integer(line.event.payload, "sequence_number");
    if (number == 0) return;  // A salvage could not read the event that it names.
    const auto hash = json::find_text(line.event.payload, "payload_hash");
    const auto found = number ? open_.find(static_cast<std::uint64_t>(*number)) : open_.end();
    if (found != open_.end() && found->second.by == line.event.sequence_number &&
        hash == found->second.payload_hash) {
      open_.erase(found);
      ++explained_;
      return;
    }
    findings_.push_back({"redaction", line.number, line.event.offset_bytes,
                         line.event.sequence_number,
                         "it redacts an event whose payload still stands"});
  }

  std::map<std::uint64_t, Gone> open_;
  std::uint64_t explained_ = 0;
  std::vector<Finding> findings_;
};

Result<Verification> verify_in_order(ByteSource& source, std::string session_id,
                                     bool accept_unterminated, const VerifyOptions& options) {
  Scanner scanner{source,
                  {.session_id = std::move(session_id),
                   .on_corrupt = OnCorrupt::skip,
                   .check_hashes = true,
                   .accept_unterminated = accept_unterminated,
                   .start = {}}};
  MerkleTree tree;
  Hash head{};
  std::vector<Mark> marks;
  const auto mark = [&] {
    if (std::find(options.marks.begin(), options.marks.end(), tree.size()) == options.marks.end())
      return;
    marks.push_back({tree.size(), to_hex(bytes_of(head)), to_hex(bytes_of(tree.root()))});
  };
  mark();
  Redactions redactions;
  EqualIds ids{source.size_bytes()};
  bool sealed = false;
  for (;;) {
    const auto lines = scanner.next();
    if (!lines) return std::unexpected(lines.error());
    if (lines->empty()) break;
    IdRun run;
    for (const Line& line : *lines) {
      run.add(line.event.event_id);
      tree.add(leaf_of(line));
      head = head_after(line, head);
      if (!options.marks.empty()) mark();
      redactions.see(line);
      if (line.seal != Seal::unsealed) {
        sealed = true;
      } else if (sealed) {
        scanner.add_finding({"unsealed", line.number, line.event.offset_bytes,
                             line.event.sequence_number,
                             "it is not sealed, and stands behind sealed events"});
      }
    }
    ids.add(run);
  }
  auto compared = ids.find(source, scanner.session_id(),
                           [&](Finding finding) { scanner.add_finding(std::move(finding)); });
  if (!compared) return std::unexpected(compared.error());
  for (Finding& finding : redactions.findings()) scanner.add_finding(std::move(finding));

  const ReadReport& report = scanner.report();
  Verification result{.session_id = scanner.session_id(),
                      .verdict = report.verdict,
                      .events = report.events,
                      .unsealed = report.unsealed,
                      .redacted = redactions.count(),
                      .head = {},
                      .root = {},
                      .marks = {},
                      .findings = report.findings,
                      .finding_count = report.finding_count,
                      .end_offset_bytes = report.end_offset_bytes,
                      .log_name = report.log_name};
  if (report.verdict != Verdict::damaged) {
    result.head = to_hex(bytes_of(scanner.position().head));
    result.root = to_hex(bytes_of(tree.root()));
    result.marks = std::move(marks);
  }
  return result;
}

}  // namespace

Result<Verification> verify(ByteSource& source, std::string session_id, bool accept_unterminated,
                            const VerifyOptions& options) {
  if (source.size_bytes() >= parallel_bytes_min) {
    auto clean = verify_clean(source, session_id, options);
    if (!clean) return std::unexpected(clean.error());
    if (*clean) return std::move(**clean);
  }
  return verify_in_order(source, std::move(session_id), accept_unterminated, options);
}

}  // namespace agentstore::log
