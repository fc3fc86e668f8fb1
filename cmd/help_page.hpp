// The help of one command, laid out for 80 columns.

#pragma once

#include <string>
#include <string_view>

#include "cmd/flags/flags.hpp"

namespace agentstore::cmd {

/// What it is for, its words and flags as they are defined, and its examples.
std::string help_page(std::string_view command, const Flags& flags);

}  // namespace agentstore::cmd
