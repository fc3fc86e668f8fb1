// One fold over the events of several sessions.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "agentstore/projection.hpp"
#include "agentstore/reader.hpp"
#include "agentstore/store.hpp"

namespace agentstore::cmd {

/// The state of several sessions.
struct SessionsState {
  State state;  ///< of no session, and no last sequence number
  std::uint64_t events = 0;
  std::map<std::string, std::vector<FoldNote>> notes;  ///< by session
};

/// Folds events in the order that the reader gives them. Errors: as EventReader::next and
/// Projection::apply.
Result<SessionsState> fold_sessions(EventReader& reader, const ProjectionFactory& make);

}  // namespace agentstore::cmd
