// What is derived from a session's log, and may hold any of its payloads: snapshots, folds, memos,
// and what writers that died left half-written of these or of the log itself.

#pragma once

#include <string>

#include "backends/data_folder.hpp"

namespace agentstore {

/// Deletes it all, durably, even where it was deleted before: whoever did may have died before its
/// sync. Files that have none of our names stay. Errors: io; so a link in the place of a folder.
Result<void> forget_derived(const DataFolder& folder, const std::string& session_id);

}  // namespace agentstore
