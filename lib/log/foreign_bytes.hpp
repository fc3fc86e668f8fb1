// Bytes that no writer of a log leaves, by what made them: an editor, git, a compressor.

#pragma once

#include <string_view>

namespace agentstore::log {

/// How many bytes `foreign_start` looks at.
inline constexpr std::size_t foreign_start_bytes = 4;

/// What a log that begins so is, in words: compressed, of another encoding, with a byte order
/// mark. Null: none of these.
const char* foreign_start(std::string_view start);

inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// What is said of a line that ends in a carriage return.
inline constexpr const char* converted_line_ends =
    "the line ends were converted (CRLF): by git's autocrlf, an editor, or a copy from Windows";

}  // namespace agentstore::log
