#include "log/verify.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "agentstore/json.hpp"
#include "log/equal_ids.hpp"
#include "log/merkle.hpp"
#include "log/redaction.hpp"
#include "log/scan.hpp"
#include "log/verify_clean.hpp"

namespace agentstore::log {
namespace {

constexpr int looks_max = 5;  // times that a log under redaction is read

// A finding about two events that do not fit each other, and the number of the other one.
struct AboutTwo {
  Finding finding;
  std::uint64_t other = 0;
};

// A redacted line needs the event that says why: sealed, later, naming its number and payload hash.
class Redactions {
 public:
  void see(const Line& line) {
    if (line.event.type == redacted_type && line.seal == Seal::sealed) return explain(line);
    // A writer finishes a redaction before it appends anything else.
    findings_.insert(findings_.end(), std::make_move_iterator(unfinished_.begin()),
                     std::make_move_iterator(unfinished_.end()));
    unfinished_.clear();
    if (line.seal == Seal::redacted) {
      open_.emplace(line.event.sequence_number,
                    Gone{line.number, line.event.offset_bytes, line.event.redacted_by,
                         std::string{line.payload_hash}});
    }
  }

  std::uint64_t count() const { return open_.size() + explained_; }
  /// Whether the log ends in redactions of which only the first step was done.
  bool unfinished() const { return !unfinished_.empty(); }
  /// With those that are not finished, unless a writer is at work on them.
  std::vector<AboutTwo> findings(bool under_way) {
    if (!under_way) {
      for (AboutTwo& one : unfinished_) {
        one.finding.message += ": the next append finishes the redaction";
        findings_.push_back(std::move(one));
      }
    }
    for (const auto& [number, gone] : open_) {
      findings_.push_back(
          {{FindingKind::redaction, gone.line, gone.offset_bytes, number,
            "its payload was redacted, and #" + std::to_string(gone.by) + " does not say so"},
           gone.by});
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
    unfinished_.push_back(
        {{FindingKind::redaction, line.number, line.event.offset_bytes, line.event.sequence_number,
          "it redacts an event whose payload is still there"},
         static_cast<std::uint64_t>(number.value_or(0))});
  }

  std::map<std::uint64_t, Gone> open_;
  std::uint64_t explained_ = 0;
  std::vector<AboutTwo> findings_;
  std::vector<AboutTwo> unfinished_;  // of the events at the end of what was seen
};

// Of `numbers`, those that an extract has events of. Errors: io.
Result<std::set<std::uint64_t>> those_present(ByteSource& source,
                                              const std::set<std::uint64_t>& numbers) {
  Scanner scanner{source,
                  {.on_corrupt = OnCorrupt::skip, .accept_unterminated = true, .extract = true}};
  std::set<std::uint64_t> present;
  while (present.size() < numbers.size()) {
    const auto lines = scanner.next();
    if (!lines) return std::unexpected(lines.error());
    if (lines->empty()) break;
    for (const Line& line : *lines)
      if (numbers.contains(line.event.sequence_number)) present.insert(line.event.sequence_number);
  }
  return present;
}

// Of an extract, a rule that speaks of two events counts where both are there. Errors: io.
Result<void> add_findings(ByteSource& source, Scanner& scanner, std::vector<AboutTwo> findings) {
  if (!findings.empty() && scanner.report().verdict == Verdict::extract) {
    std::set<std::uint64_t> numbers;
    for (const AboutTwo& one : findings) numbers.insert(one.other);
    const auto present = those_present(source, numbers);
    if (!present) return std::unexpected(present.error());
    std::erase_if(findings, [&](const AboutTwo& one) { return !present->contains(one.other); });
  }
  for (AboutTwo& one : findings) scanner.add_finding(std::move(one.finding));
  return {};
}

// What the end of the log is doing, seen under the writers' lock.
Result<ByteSource::Tail> look_at_end(ByteSource& source) {
  const auto tail = source.settle();
  if (!tail || *tail == ByteSource::Tail::writing) return tail;
  // A redaction ends with another file in the place of the log.
  const auto change = source.refresh();
  if (!change) return std::unexpected(change.error());
  return *change == ByteSource::Change::none ? *tail : ByteSource::Tail::moved;
}

// What a log that was read to its end came to; marks apart. Head and root are told where they are
// those of the log: an extract has no root, and of a damaged log neither is known.
Verification result_of(const Scanner& scanner, const MerkleTree& tree, std::uint64_t redacted) {
  const ReadReport& report = scanner.report();
  Verification result{.session_id = scanner.session_id(),
                      .verdict = report.verdict,
                      .events = report.events,
                      .unsealed = report.unsealed,
                      .redacted = redacted,
                      .head = {},
                      .root = {},
                      .marks = {},
                      .findings = report.findings,
                      .finding_count = report.finding_count,
                      .end_offset_bytes = report.end_offset_bytes,
                      .log_name = report.log_name,
                      .absent = report.absent};
  const Position& end = scanner.position();
  if (report.verdict == Verdict::extract) {
    if (end.head_known) result.head = to_hex(bytes_of(end.head));
  } else if (report.verdict != Verdict::damaged) {
    result.head = to_hex(bytes_of(end.head));
    result.root = to_hex(bytes_of(tree.root()));
  }
  return result;
}

// Nothing: a redaction was finished while the log was read, which has to be read again.
Result<std::optional<Verification>> verify_in_order(ByteSource& source,
                                                    const std::string& session_id, bool outside,
                                                    const VerifyOptions& options,
                                                    std::uint64_t lines_before,
                                                    std::uint64_t events_due, bool poll) {
  Scanner scanner{source,
                  {.session_id = session_id,
                   .on_corrupt = OnCorrupt::skip,
                   .check_hashes = true,
                   .accept_unterminated = outside,
                   .extract = outside,
                   .events_due = events_due,
                   .start = {.line = lines_before}}};
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
      } else if (sealed && !source.is_shared()) {
        scanner.add_finding({FindingKind::unsealed, line.number, line.event.offset_bytes,
                             line.event.sequence_number,
                             "it is not sealed, and stands behind sealed events"});
      }
    }
    ids.add(run);
  }
  auto compared = ids.find(source, scanner.session_id(),
                           [&](Finding finding) { scanner.add_finding(std::move(finding)); });
  if (!compared) return std::unexpected(compared.error());
  bool under_way = false;
  if (redactions.unfinished()) {
    const auto end = look_at_end(source);
    if (!end) return std::unexpected(end.error());
    if (*end == ByteSource::Tail::moved && poll) return std::nullopt;
    under_way = *end != ByteSource::Tail::settled;
  }
  if (auto added = add_findings(source, scanner, redactions.findings(under_way)); !added)
    return std::unexpected(added.error());

  Verification result = result_of(scanner, tree, redactions.count());
  if (!result.root.empty()) result.marks = std::move(marks);
  if (under_way && result.finding_count == 0) result.verdict = Verdict::in_flight;
  return result;
}

}  // namespace

Result<Verification> verify(ByteSource& source, std::string session_id, bool outside,
                            const VerifyOptions& options, std::uint64_t lines_before,
                            std::uint64_t events_due) {
  if (source.size_bytes() >= parallel_bytes_min) {
    auto clean = verify_clean(source, session_id, options);
    if (!clean) return std::unexpected(clean.error());
    if (*clean && (*clean)->events >= events_due) return std::move(**clean);
  }
  // A log that changes each time that it is read has a writer that is at work.
  for (int looks_left = looks_max;; --looks_left) {
    auto verified = verify_in_order(source, session_id, outside, options, lines_before, events_due,
                                    looks_left > 1);
    if (!verified) return std::unexpected(verified.error());
    if (*verified) return std::move(**verified);
  }
}

}  // namespace agentstore::log
