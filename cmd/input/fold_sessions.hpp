// One fold over the events of several sessions.

#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "agentstore/projection.hpp"

namespace agentstore::cmd {

/// The state of several sessions.
struct SessionsState {
  std::unique_ptr<Projection> projection;
  std::map<std::string, std::vector<FoldNote>> notes;  ///< by session
};

/// Folds events of several sessions in their order. Errors: as Projection::apply, naming the
/// session.
Result<SessionsState> fold_sessions(std::span<const EventView> events,
                                    const ProjectionFactory& make);

}  // namespace agentstore::cmd
