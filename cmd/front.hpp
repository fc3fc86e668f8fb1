// The words of a command line, before they are parsed; those before the subcommand are flags that
// all commands share.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace agentstore::cmd {

/// The words before the subcommand.
struct Front {
  std::size_t command_at = 0;  ///< the number of words where there is none
  std::string unknown;         ///< a flag that no command shares with all others
  std::string without_value;   ///< a flag that ends the line, and needs a value
};
Front read_front(const std::vector<std::string>& words);

/// Whether a flag is among the words, before a `--`.
bool given(std::span<const std::string> words, std::string_view flag);

/// "--flag=" means an empty value, which CLI11 would go on to look for in the next word: here that
/// word is put in.
void split_empty_values(std::vector<std::string>& words);

/// What to say of an unknown flag there: the nearest one.
std::string front_flag_hint(const std::string& flag);

}  // namespace agentstore::cmd
