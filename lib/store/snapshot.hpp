// Snapshots: the state of a projection, saved at one event so that a fold can start there.
// They are a cache of the log: deleting every one of them loses time, never data. One is used only
// if its own hash is right and the log has, at its place, the event that it names.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "agentstore/projection.hpp"
#include "agentstore/result.hpp"
#include "agentstore/store.hpp"
#include "backends/backend.hpp"
#include "log/scan.hpp"

namespace agentstore {

/// A fold, and where it has come to.
struct Fold {
  std::unique_ptr<Projection> projection;
  log::Position position;
  Timestamp max_timestamp = zero_time;
  bool monotonic = true;  ///< times never ran backwards so far
  ReadReport report;
};

/// Folds a session from its newest trusted snapshot to its end. `notice` is told of a snapshot that
/// is ahead of the log. Errors: as Store::state.
Result<Fold> fold_session(Backend& backend, std::string_view session_id,
                          const ProjectionFactory& make, OnCorrupt on_corrupt,
                          const std::function<void(const std::string&)>& notice);

/// Brings the session's snapshot up to date. Errors: those of folding and of writing.
Result<void> save_snapshot(Backend& backend, std::string_view session_id,
                           const ProjectionFactory& make, Timestamp created_at);

/// Compares the session's snapshot with a fold over its log. Errors: io.
Result<std::vector<Finding>> check_snapshot(Backend& backend, std::string_view session_id,
                                            const ProjectionFactory& make);

}  // namespace agentstore
