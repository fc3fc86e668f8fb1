// Texts of others in messages of ours.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace agentstore::cmd {

/// The start of `text`, never cut through a character.
std::string cut_bytes(std::string_view text, std::size_t bytes_max);

/// A word of the user's for a message: in quotes, escaped when it is printed. A path or an id is
/// whole; what is longer than any path is cut.
std::string in_quotes(std::string_view word);

/// A word as a shell takes it: as it is where nothing in it means anything to one, else in quotes.
std::string shell_word(std::string_view word);

}  // namespace agentstore::cmd
