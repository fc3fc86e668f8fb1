// A part of a text that was looked for, with what is around it.

#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "formats/text/line.hpp"

namespace agentstore::formats {

struct Excerpt {
  std::string text;             ///< as it was found, not printable yet
  std::size_t begin_bytes = 0;  ///< of the match
  std::size_t end_bytes = 0;
  std::vector<std::pair<std::size_t, std::size_t>> others = {};  ///< of the matches behind it
};

/// How the match stands out.
enum class Mark {
  none,
  colour,
  quotes,  ///< «like this»
};

/// Adds the match and as much around it as there is room for, other matches marked like it.
void add_excerpt(Line& line, const Excerpt& excerpt, std::size_t columns, Mark mark);

}  // namespace agentstore::formats
