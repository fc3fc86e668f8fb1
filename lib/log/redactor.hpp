// The writer's part of a redaction: see redaction.hpp for its steps.

#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "agentstore/append.hpp"
#include "agentstore/result.hpp"
#include "log/log_end.hpp"
#include "log/quarantine.hpp"
#include "log/redaction.hpp"
#include "log/writer_options.hpp"

namespace agentstore::log {

/// For one thread at a time, which has the log's lock. What it is made of outlives it.
class Redactor {
 public:
  Redactor(System& system, const WriterOptions& options, Quarantine& quarantine, LogEnd& end)
      : system_(system), options_(options), quarantine_(quarantine), end_(end) {}

  /// Brings the end of the log up to date (see LogEnd::catch_up), and finishes what a redactor that
  /// died left to do: an event after the redaction would make it look finished. `own_temp`, a file
  /// that the caller is at work on, stays.
  Result<void> catch_up(const LogEnd::CatchUp& how, const Path& own_temp = {});
  Result<void> catch_up() { return catch_up(LogEnd::CatchUp{}); }

  /// As Writer::redact, from the end of the log that was caught up with.
  Result<std::vector<Receipt>> redact(std::span<const std::uint64_t> sequence_numbers,
                                      std::string_view reason, std::string_view requested_by);

  /// Overwrites what quarantined bytes hold of the payloads; all else in them stays.
  Result<void> scrub_quarantine(const KeptLines& lines);

 private:
  /// Says whether the log was written anew.
  Result<bool> finish(const Path& own_temp);
  /// Writes the log without the payloads, and `more` after it, to a temporary file; puts it in
  /// place of the log after `prepare` did what comes first.
  Result<void> rewrite(const Redactions& redactions, std::string_view more,
                       const std::function<Result<void>(const Path& temp)>& prepare);
  /// From all but the log.
  Result<void> remove_payloads(const KeptLines& lines, const Path& own_temp);
  Result<void> forget_derived(std::span<const std::string_view> payloads, const Path& own_temp);

  System& system_;
  const WriterOptions& options_;
  Quarantine& quarantine_;
  LogEnd& end_;
};

}  // namespace agentstore::log
