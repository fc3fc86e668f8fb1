// What files are that are no logs: told by their first bytes and their names, so that an import can
// account for everything that it found.

#pragma once

#include <string>

namespace agentstore::cmd {

/// In the plural, for people: "SQLite files", "JSON documents", "ZIP files", ... A file that cannot
/// be opened is one of "unreadable files".
std::string kind_of_file(const std::string& path);

}  // namespace agentstore::cmd
