// Snapshots: the state of a projection, saved at one event so that a fold can start there.
// They are a cache of the log: deleting every one of them loses time, never data. One is used only
// if its own hash is right and the log has, at its place, the event that it names.

#pragma once

#include <string>
#include <string_view>

#include "agentstore/result.hpp"
#include "store/fold.hpp"

namespace agentstore {

/// The snapshot of a fold that has come to a place between two writes.
std::string snapshot_text(std::string_view session_id, const Fold& fold, Timestamp created_at);

/// Whether the text is a snapshot that we wrote, to the last bit.
bool is_intact(std::string_view snapshot);

/// Whether all events of an intact snapshot count at `point`.
bool is_within(std::string_view snapshot, const Point& point);

/// Fills `fold`, which is empty, from a snapshot that may be trusted. Errors: io.
Result<bool> restore(std::string_view snapshot, log::ByteSource& source,
                     const std::string& session_id, Fold& fold);

}  // namespace agentstore
