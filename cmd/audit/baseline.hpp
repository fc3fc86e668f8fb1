// Baselines: what an earlier audit found, and is known.

#pragma once

#include <set>
#include <string>
#include <vector>

#include "agentstore/result.hpp"
#include "formats/answers/audit.hpp"

namespace agentstore::cmd {

/// The fingerprints in an answer in JSON of an earlier audit.
class Baseline {
 public:
  /// Errors: invalid (no such answer, or one of another version), not_found, io.
  static Result<Baseline> read(const std::string& path);

  /// Takes out what it has. What could not be judged, and what rule 0 says, stays: neither is ever
  /// known.
  formats::AuditBaseline take_known(std::vector<formats::AuditFinding>& findings) const;

 private:
  std::set<std::string, std::less<>> fingerprints_;
};

}  // namespace agentstore::cmd
