// Names of files for sessions, whose ids anybody may have chosen.

#pragma once

#include <set>
#include <string>
#include <string_view>

namespace agentstore::cmd {

/// The name of a session's file: its id, without what leads out of a folder or means something to
/// a shell, and the ending. `taken` are those given before, and gets it.
std::string file_name_of(const std::string& id, std::string_view ending,
                         std::set<std::string>& taken);

}  // namespace agentstore::cmd
