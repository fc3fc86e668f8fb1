// The words before the subcommand: flags that all commands share.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cmd/cli.hpp"

namespace agentstore::cmd {

/// The words before the subcommand.
struct Front {
  std::size_t command_at = 0;  ///< the number of words where there is none
  std::string unknown;         ///< a flag that no command shares with all others
  std::string without_value;   ///< a flag that ends the line, and needs a value
};
Front read_front(const std::vector<std::string>& words);

/// Such a flag that is unknown, before a word that is no command; names the nearest.
Misuse unknown_front_flag(const std::string& flag, bool json);

/// A word for a message: in quotes, cut.
std::string shown(const std::string& word);

}  // namespace agentstore::cmd
