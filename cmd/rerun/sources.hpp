// Sessions whose turns are asked, or were: read as turns, whatever recorded them.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agentstore/analysis/turns.hpp"
#include "cmd/gates/gate.hpp"
#include "cmd/input/selector.hpp"

namespace agentstore::cmd {

/// The turns of an input. The gate is told what its reader learned. Errors: those of reading.
Result<std::vector<Turn>> turns_of(const Input& input, OnCorrupt on_corrupt, Gate& gate);

/// Finds the sessions that reruns are of, and keeps the turns of the last one.
class Sources {
 public:
  Sources(Selector& selector, OnCorrupt on_corrupt, Gate& gate)
      : selector_{selector}, on_corrupt_{on_corrupt}, gate_{gate} {}

  /// By its id, else by the path of the file that it was read from, which may be empty. Good until
  /// the next call. Errors: not_found; those of reading.
  Result<const std::vector<Turn>*> turns(const std::string& session_id, const std::string& path);

 private:
  Selector& selector_;
  const OnCorrupt on_corrupt_;
  Gate& gate_;
  std::string last_id_;
  std::vector<Turn> last_;
};

}  // namespace agentstore::cmd
