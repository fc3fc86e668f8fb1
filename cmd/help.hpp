// The words of the help.

#pragma once

#include <string>
#include <string_view>

namespace agentstore::cmd {

/// One screen: the names of the commands by group, and the next thing to try.
std::string one_screen();
/// Every command by group, with what it is for.
std::string overview();

/// A line on a command.
std::string_view summary_of(std::string_view command);

/// A command's examples, and what has to be known besides.
std::string_view examples_of(std::string_view command);

}  // namespace agentstore::cmd
