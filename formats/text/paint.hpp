// Colour, where a screen has it. It underlines what the text already says.

#pragma once

#include <string>
#include <string_view>

namespace agentstore::formats {

enum class Paint { none, dim, bold, red, green, yellow, cyan, match };

/// `printable_text` in that colour; as it is where `color` is off.
std::string painted(std::string_view printable_text, Paint paint, bool color);

}  // namespace agentstore::formats
