// Sentences over several lines, where a terminal is too narrow for one.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// Breaks a printable text between words, so that no line is wider than the screen; the first one
/// starts at column `start`, the others at `indent`. A word that is wider, such as a path, stays
/// whole. In a pipe and with --wide the text is left as it is. A line never starts with a ":",
/// which a CI runner may take for a command.
std::string wrapped(std::string_view printable_text, const Screen& screen, std::size_t indent,
                    std::size_t start = 0);

}  // namespace agentstore::formats
