// Words of other tools: what somebody who knows git, ls or journalctl types first, and what to type
// here instead.

#pragma once

#include <span>
#include <string>
#include <string_view>

namespace agentstore::cmd {

/// What does here what `command` does elsewhere, as a hint; empty where it is not such a word.
std::string instead_of_command(std::string_view command);

/// The flag among `flags` that does what `flag` does elsewhere, else the one that begins with it,
/// else the nearest; empty where none does.
std::string instead_of_flag(const std::string& flag, std::span<const std::string> flags);

}  // namespace agentstore::cmd
