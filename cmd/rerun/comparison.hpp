// Reruns held against the sessions that they are of.

#pragma once

#include "agentstore/analysis/turn_difference.hpp"
#include "cmd/gates/gate.hpp"
#include "cmd/rerun/sources.hpp"
#include "formats/answers/rerun.hpp"

namespace agentstore::cmd {

class Comparison {
 public:
  /// All of them have to outlive it.
  Comparison(const TurnComparer& comparer, Sources& sources, OnCorrupt on_corrupt, Gate& gate)
      : comparer_{comparer}, sources_{sources}, on_corrupt_{on_corrupt}, gate_{gate} {}

  /// Compares one. What cannot be judged is told to the gate, and the exit status says so. Nothing:
  /// it cannot be compared at all.
  std::optional<formats::RerunResult> of(const Input& rerun);

 private:
  formats::RerunResult compared(const Session& session, const std::vector<Turn>& recorded,
                                const std::map<std::uint64_t, const Turn*>& answers);

  const TurnComparer& comparer_;
  Sources& sources_;
  const OnCorrupt on_corrupt_;
  Gate& gate_;
};

/// The worst first, then by session.
void sort_by_badness(std::vector<formats::RerunResult>& results);

}  // namespace agentstore::cmd
