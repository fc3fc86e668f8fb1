// Folders that the environment names; "~" at the beginning of a path, where no shell has expanded
// it.

#pragma once

#include <string>
#include <string_view>

namespace agentstore::cmd {

/// The folder that an environment variable names; empty: none, or not from the root on, which the
/// XDG Base Directory Specification has ignored.
std::string folder_in_environment(const char* variable);

/// The path with the folder of HOME for "~" or "~/"; any other text as it is.
std::string expand_home(std::string_view path);
/// The same of a store's name, which may have a scheme: "claude:~/x".
std::string expand_home_of_store(std::string_view name);

}  // namespace agentstore::cmd
