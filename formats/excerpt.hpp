// A part of a text that was looked for, with what is around it.

#pragma once

#include <cstddef>
#include <string>

#include "formats/line.hpp"

namespace agentstore::formats {

struct Excerpt {
  std::string text;             ///< as it was found, not printable yet
  std::size_t begin_bytes = 0;  ///< of the match
  std::size_t end_bytes = 0;
};

/// How the match stands out.
enum class Mark {
  none,
  colour,
  quotes,  ///< «like this»
};

/// Adds the match and as much around it as there is room for.
void add_excerpt(Line& line, const Excerpt& excerpt, std::size_t columns, Mark mark);

}  // namespace agentstore::formats
