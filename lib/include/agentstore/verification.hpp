// Verification: what holding a log to its rules found out.

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "agentstore/reader.hpp"

namespace agentstore {

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
  /// too; for cached sums see Store::check_memo.
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
