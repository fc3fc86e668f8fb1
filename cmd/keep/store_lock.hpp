// One `keep` at a time for a store.

#pragma once

#include <string>

#include "agentstore/result.hpp"
#include "cmd/input/open_file.hpp"

namespace agentstore::cmd {

/// Whether a store of that name is a data folder.
bool is_folder_name(const std::string& store);

/// Locks a store against others that take this lock, as long as the answer lives; others read it,
/// and write to it, as ever. Waits up to `wait_ms`. Of a database
/// in a file its folder is locked; of a store on a server, and where a file system has no locks,
/// nothing is locked. Errors: busy.
Result<OpenFile> lock_store(const std::string& store, int wait_ms);

}  // namespace agentstore::cmd
