// Repair of a log: a torn end is cut, a log that is damaged in the middle is written anew from
// every event that can be read, and a loss is accepted. The old bytes are kept in quarantine before
// anything else happens.

#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "agentstore/repair.hpp"
#include "agentstore/result.hpp"
#include "agentstore/verification.hpp"
#include "log/log_end.hpp"
#include "log/quarantine.hpp"
#include "log/redactor.hpp"
#include "log/salvage.hpp"
#include "log/writer_options.hpp"

namespace agentstore::log {

/// For one thread at a time, which has the log's lock. What it is made of outlives it.
class Repairer {
 public:
  Repairer(System& system, const WriterOptions& options, Quarantine& quarantine, LogEnd& end,
           Redactor& redactor)
      : system_(system),
        options_(options),
        quarantine_(quarantine),
        end_(end),
        redactor_(redactor) {}

  /// As Writer::repair.
  Result<Repair> repair(const RepairOptions& options);

 private:
  /// What was read of a damaged log.
  struct Salvage {
    Repair repair;
    SalvagedLog log;
    KeptLines to_redact;
    Hash old_head{};
  };

  Result<Repair> repair_found(const Verification& found, const RepairOptions& options);
  Result<void> accept_loss(std::uint64_t events);
  Result<void> check_legible();
  Result<Repair> salvage(const Repair& found, bool dry_run);
  Result<Salvage> read(const Repair& found);
  std::string salvaged_payload(const Salvage& read, const Quarantine::Kept& kept) const;
  Result<void> write_salvaged(const Salvage& read, const Quarantine::Kept& kept);
  Result<void> copy_events(SalvagedLog log, std::string lines,
                           const std::function<Result<void>(std::string_view)>& write);
  Result<void> note_salvaged(std::uint64_t events);

  System& system_;
  const WriterOptions& options_;
  Quarantine& quarantine_;
  LogEnd& end_;
  Redactor& redactor_;
};

}  // namespace agentstore::log
