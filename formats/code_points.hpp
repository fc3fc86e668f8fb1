// Code points, one at a time, and which of them a person must not be shown as they are.

#pragma once

#include <cstddef>
#include <cstdint>
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

/// Controls, and what hides itself or reorders its surroundings.
bool is_unprintable(std::int32_t point);

/// Columns on a terminal: 0 (combining), 1 or 2.
std::size_t columns_of(std::int32_t point);

/// Whether `text` starts with "##[", "##vso[" or the like, which CI runners take for a command.
bool starts_runner_command(std::string_view text);

}  // namespace agentstore::formats
