// The words before the subcommand: flags that all commands share.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace agentstore::cmd {

/// The words before the subcommand.
struct Front {
  std::size_t command_at = 0;  ///< the number of words where there is none
  std::string unknown;         ///< a flag that no command shares with all others
  std::string without_value;   ///< a flag that ends the line, and needs a value
};
Front read_front(const std::vector<std::string>& words);

/// What to say of an unknown flag there: the nearest one.
std::string front_flag_hint(const std::string& flag);

}  // namespace agentstore::cmd
