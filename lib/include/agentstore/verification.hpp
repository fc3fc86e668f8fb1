// What a log turned out to be: its verdict, what is wrong with it, and what a reading or a full
// verification learnt of it. Plain values.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace agentstore {

/// What a log turned out to be. Readers see damage to a line's syntax, its envelope, its place in
/// the sequence and its link to the line before, and compute the hashes of what they read, unless
/// ReadOptions::seals says otherwise.
enum class Verdict {
  clean = 0,
  unsealed = 1,   ///< clean as far as can be seen: nothing in it is sealed
  in_flight = 2,  ///< ends in a write whose writer is still at work
  torn = 3,       ///< ends in a write that was cut off; the next append repairs it
  damaged = 4,    ///< bad bytes with good events after them
  lost = 5,       ///< shorter than, or different from, a checkpoint
  extract = 6,    ///< outside a store: valid events of a log, and not all of them
};
/// The word that stands for it; lives for ever.
std::string_view to_string(Verdict verdict);

/// Sequence numbers, both ends included.
struct SequenceRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  friend bool operator==(const SequenceRange&, const SequenceRange&) = default;
};

/// The events of a log that an extract does not have, as far as its own events tell: those before
/// its last one, and the rest of the write that this one is part of; of an export also those that
/// it says it has.
struct Absent {
  std::uint64_t events = 0;
  std::vector<SequenceRange> ranges;  ///< the first hundred
};

/// What kind of rule a finding is about: the rules of agentstore-log(5), by the words that stand
/// for them there and in answers. A new kind may be added; handle those that you do not know.
enum class FindingKind {
  syntax,
  blank,
  keys,
  metadata,
  envelope,
  seal,
  hash,
  session,
  sequence,
  chain,
  batch,
  event_id,
  redaction,
  unsealed,
  torn,
  lost,
  checkpoint,
  head,              ///< the head that a caller knew is another one
  file,              ///< an entry of the data folder is not what it has to be
  layout,            ///< the data folder is not laid out as its format says
  list,              ///< a cached list of sessions is not what the sessions say
  snapshot,          ///< a snapshot is not what a fold makes
  cached_aggregate,  ///< cached sums are not those of the log
  skipped,           ///< a part of another tool's transcript that no event was made of
  source,            ///< what is kept of a transcript is not what was read
};
/// The word that stands for it; lives for ever.
std::string_view to_string(FindingKind kind);

/// One thing that is wrong with a log.
struct Finding {
  FindingKind kind = FindingKind::syntax;
  std::uint64_t line = 0;  ///< from 1
  std::uint64_t offset_bytes = 0;
  std::uint64_t sequence_number = 0;  ///< 0: not known
  std::string message;
};

/// What to do at damage in the middle of a log.
enum class OnCorrupt {
  strict,  ///< give the events before it, then fail with Code::corrupt
  prefix,  ///< give the events before it, and end; the report has the finding
  skip,    ///< give every event that can be read; the report has the findings
};

/// What a reader learnt of its log. Complete once the reader has come to the end.
struct ReadReport {
  Verdict verdict = Verdict::clean;
  std::uint64_t events = 0;    ///< events read, before any filter
  std::uint64_t unsealed = 0;  ///< of them, those without a seal
  std::uint64_t last_sequence_number = 0;
  std::uint64_t end_offset_bytes = 0;  ///< where the last whole write ends
  std::vector<Finding> findings;       ///< the first thousand
  std::uint64_t finding_count = 0;
  std::string log_name;  ///< the file's path, for messages
  Absent absent = {};    ///< with Verdict::extract
  /// Whether the hash of every sealed line that was read was computed anew.
  bool seals_checked = true;
};

/// What a log held at one length.
struct Mark {
  std::uint64_t size = 0;  ///< events
  std::string head;        ///< h(size), 64 hex digits
  std::string root;        ///< of the RFC 9162 tree over the first `size` leaves
};

struct VerifyOptions {
  /// Lengths at which head and root are wanted, beside those at the end.
  std::vector<std::uint64_t> marks = {};
  /// Compares what is cached, snapshots and the list of sessions, with the log and a fold over it,
  /// too; for cached sums see Store::check_cached_aggregate.
  bool snapshots = false;
};

/// What `verify` found out about one session. See agentstore-log(5). Its verdict and its findings
/// agree: see beside_findings.
struct Verification {
  std::string session_id;
  Verdict verdict = Verdict::clean;
  std::uint64_t events = 0;
  std::uint64_t unsealed = 0;
  std::uint64_t redacted = 0;
  std::string head;  ///< h(N), 64 hex digits
  std::string root;  ///< of the RFC 9162 tree over the leaves; empty where damage leaves it unknown
  std::vector<Mark> marks;              ///< those asked for that the log, undamaged, reaches
  std::vector<Finding> findings;        ///< the first thousand
  std::vector<std::string> notes = {};  ///< what is no finding: caches of other keys
  std::uint64_t finding_count = 0;
  std::uint64_t end_offset_bytes = 0;  ///< where the last whole write ends
  std::string log_name;
  Absent absent = {};  ///< with Verdict::extract
};

/// The verdict of a log beside findings: `clean`, `unsealed`, `in_flight` and `extract` say that
/// nothing is wrong, so that with a finding it is `damaged`.
constexpr Verdict beside_findings(Verdict verdict, std::uint64_t finding_count) {
  const bool sound = verdict == Verdict::clean || verdict == Verdict::unsealed ||
                     verdict == Verdict::in_flight || verdict == Verdict::extract;
  return sound && finding_count > 0 ? Verdict::damaged : verdict;
}

/// Adds what else was found, which may be worse than the verdict so far.
inline void add_finding(Verification& verification, Finding finding) {
  verification.findings.push_back(std::move(finding));
  ++verification.finding_count;
  verification.verdict = beside_findings(verification.verdict, verification.finding_count);
}

}  // namespace agentstore
