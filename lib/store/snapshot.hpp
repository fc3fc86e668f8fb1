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
#include "store/fold.hpp"

namespace agentstore {

/// Fills `fold`, which has an empty projection, from a snapshot: if it may be trusted, and all of
/// its events count at `point`. Errors: io.
Result<bool> restore(std::string_view snapshot, log::ByteSource& source,
                     const std::string& session_id, const Point& point, Fold& fold);

/// Brings the session's snapshot up to date. Errors: those of folding and of writing.
Result<void> save_snapshot(Backend& backend, std::string_view session_id,
                           const ProjectionFactory& make, Timestamp created_at);

/// Compares the session's snapshot with a fold over its log. Errors: io.
Result<std::vector<Finding>> check_snapshot(Backend& backend, std::string_view session_id,
                                            const ProjectionFactory& make);

}  // namespace agentstore
