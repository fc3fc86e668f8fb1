// Baselines: what an earlier audit found, and is known.

#pragma once

#include <map>
#include <string>

#include "agentstore/result.hpp"
#include "formats/answers/audit.hpp"

namespace agentstore::cmd {

/// The fingerprints in an answer in JSON of an earlier audit.
class Baseline {
 public:
  /// Errors: invalid (no such answer, or one of another version), not_found, io.
  static Result<Baseline> read(const std::string& path);

  /// Takes what it has out of an answer's findings. What could not be judged, and what rule 0 says,
  /// stays: neither is ever known. What is gone is told of rules and sessions that were asked.
  void take_known(formats::AuditAnswer& answer) const;

 private:
  struct Known {
    std::string rule;
    std::string session_id;
  };
  std::map<std::string, Known, std::less<>> known_;  // by fingerprint
};

}  // namespace agentstore::cmd
