// Code points, one at a time, and which of them a person must not be shown as they are.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace agentstore::formats {

struct CodePoint {
  std::int32_t value = -1;  ///< -1: a byte that is no UTF-8
  std::size_t bytes = 1;
};

/// The code point at the start of `text`, which is not empty.
CodePoint first_code_point(std::string_view text);

/// At most so many bytes from the start of `text`, which is UTF-8; no code point is cut in two.
std::string_view cut_utf8(std::string_view text, std::size_t bytes_max);

/// How many bytes from the start of `text` on are UTF-8.
std::size_t utf8_bytes(std::string_view text);
/// The text with U+FFFD in the place of each byte that is no UTF-8.
std::string valid_utf8(std::string_view text);

/// Writes a code point, none of the surrogates, as UTF-8; gives its bytes, 1 to 4.
std::size_t put_code_point(char* into, std::int32_t point);

/// Controls, and what hides itself or reorders its surroundings.
bool is_unprintable(std::int32_t point);

/// Columns on a terminal: 0 (combining), 1 or 2.
std::size_t columns_of(std::int32_t point);

/// Both, remembered by each thread for the characters of the few scripts that a log has.
struct Look {
  std::size_t columns = 1;
  bool unprintable = false;
};
Look look_of(std::int32_t point);

/// As much of a text as tells whether it starts a runner's command.
inline constexpr std::size_t runner_command_bytes_max = 35;
/// Whether `text` starts with "##[", "##vso[" or the like, which CI runners take for a command.
bool starts_runner_command(std::string_view text);

}  // namespace agentstore::formats
