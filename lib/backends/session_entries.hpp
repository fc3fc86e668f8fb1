// What a data folder has of a session, looked at entry by entry: nothing is followed, nothing
// blocks, and what is not as it should be is said.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agentstore/result.hpp"
#include "agentstore/verification.hpp"
#include "backends/data_folder.hpp"

namespace agentstore {

/// Every id that a session file, a log or a folder of checkpoints is named after, sorted.
/// Errors: io, where one of their folders cannot be listed and the others name no session.
Result<std::vector<std::string>> known_ids(const DataFolder& folder);
/// The same of session files and logs alone. Errors: io, where a folder cannot be listed.
Result<std::vector<std::string>> readable_ids(const DataFolder& folder);
/// Ids of which nothing but checkpoints are left. Errors: io.
Result<std::vector<std::string>> lost_ids(const DataFolder& folder);

struct SessionEntries {
  bool known = false;  ///< something is there under the session's id
  std::vector<Finding> findings;
};

/// Whether the folders and files of a session are what they should be and can be opened.
SessionEntries look_at_entries(const DataFolder& folder, std::string_view id);

/// Nothing where `path` is a folder, or is missing; links are not followed. Errors: io.
Result<void> check_folder(System& system, const Path& path);

}  // namespace agentstore
