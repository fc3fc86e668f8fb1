// What the arguments of a call name: paths and hosts. They are found by how they are written; what
// a program does with them, and what a shell makes of variables, is not known.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace agentstore::cmd {

/// Paths, each once, in their order: of members that are called so (`file_path`, `cwd`), of texts
/// that are an absolute path as a whole, of the words of commands, and of patches.
std::vector<std::string> paths_named_in(std::string_view arguments_json);

/// Hosts, each once, in small letters: of URLs in commands and in members that are called so
/// (`url`), of texts that are a URL as a whole, and of `user@host:path`.
std::vector<std::string> hosts_named_in(std::string_view arguments_json);

/// Whether a path lies in one of the folders, by their names alone: links are not followed. One
/// that is relative is one in `base`; where that is empty, it is within unless it leads out by ".."
/// or a folder is relative, too, and it lies in none of those.
bool is_within(std::string_view path, const std::vector<std::string>& folders,
               std::string_view base);

}  // namespace agentstore::cmd
