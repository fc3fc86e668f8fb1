// Stepping through a session on a terminal, forward and back, an event at a time.

#pragma once

#include <string>

#include "agentstore/analysis/views.hpp"
#include "agentstore/analysis/whatif.hpp"
#include "cmd/context.hpp"

namespace agentstore::cmd {

struct StepSource {
  std::string label;
  History history;
  ReadOptions read;  ///< all events
  Filter shown;      ///< where to stop
};

/// Gives the exit status.
int step(Context& context, StepSource source, ProjectionGroup& fold);

}  // namespace agentstore::cmd
