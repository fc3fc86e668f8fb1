#include "formats/text/wrap.hpp"

#include <algorithm>

#include "formats/text/escape.hpp"

namespace agentstore::formats {

std::string wrapped(std::string_view printable_text, const Screen& screen, std::size_t indent,
                    std::size_t start) {
  if (screen.columns == 0 || screen.wide) return std::string{printable_text};
  std::string out;
  std::size_t used = start;
  for (std::string_view rest = printable_text; !rest.empty();) {
    const std::size_t word_start = std::min(rest.find_first_not_of(' '), rest.size());
    const std::size_t word_end = std::min(rest.find(' ', word_start), rest.size());
    const std::string_view word = rest.substr(word_start, word_end - word_start);
    const std::size_t columns = display_width(word);
    const bool breaks = used + word_start + columns > screen.columns && used > indent &&
                        !out.empty() && !word.empty() && word.front() != ':';
    if (breaks) {
      out += '\n';
      out.append(indent, ' ');
      used = indent;
    } else {
      out.append(word_start, ' ');
      used += word_start;
    }
    out += word;
    used += columns;
    rest.remove_prefix(word_end);
  }
  return out;
}

}  // namespace agentstore::formats
