#include "formats/excerpt.hpp"

#include <algorithm>
#include <string_view>

#include "formats/code_points.hpp"
#include "formats/escape.hpp"
#include "formats/words.hpp"

namespace agentstore::formats {
namespace {

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// The end of a text, of so many bytes at most, from a character on.
std::string_view end_of(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  text.remove_prefix(text.size() - bytes_max);
  while (!text.empty() && continues(text.front())) text.remove_prefix(1);
  return text;
}

/// The end of a text that takes no more than so many columns; begins with `…` where it was cut.
std::string before_match(std::string_view text, std::size_t columns) {
  std::string end = on_one_line(end_of(text, columns * 4));
  bool cut = text.size() > columns * 4;
  if (!text.empty() && json::is_space(text.back()) && !end.empty()) end += ' ';
  while (!end.empty() && display_width(printable(end)) + (cut ? 1 : 0) > columns) {
    cut = true;
    end.erase(0, 1);
    while (!end.empty() && (continues(end.front()) || end.front() == ' ')) end.erase(0, 1);
  }
  return cut ? "…" + end : end;
}

}  // namespace

void add_excerpt(Line& line, const Excerpt& excerpt, std::size_t columns, Mark mark) {
  const Line::Place start = line.end();
  const std::string_view text = excerpt.text;
  const std::size_t marks = mark == Mark::quotes ? 2 : 0;
  const std::string match = on_one_line(cut_utf8(
      text.substr(excerpt.begin_bytes, excerpt.end_bytes - excerpt.begin_bytes), columns * 4));
  const std::size_t match_columns = std::min(display_width(printable(match)) + marks, columns);
  const std::size_t before_columns = (columns - match_columns) / 3;
  if (before_columns > 1)
    line.add_printable(before_match(text.substr(0, excerpt.begin_bytes), before_columns),
                       before_columns);
  const Line::Place begun = line.end();
  if (mark == Mark::quotes) line.add_printable("«", 1);
  line.add_printable(match, columns > marks + 1 ? columns - marks : columns);
  if (mark == Mark::quotes) line.add_printable("»", 1);
  const std::size_t match_bytes = line.end().bytes - begun.bytes;
  const std::size_t used = line.columns_since(start);
  const std::string_view rest = text.substr(excerpt.end_bytes);
  if (used < columns && !rest.empty()) {
    const bool blank = json::is_space(rest.front());
    if (blank) line.add_blanks(1);
    const std::string after = on_one_line(cut_utf8(rest, columns * 4));
    if (used + (blank ? 1 : 0) < columns)
      line.add_printable(after, columns - used - (blank ? 1 : 0));
  }
  line.cut(start, columns);
  if (mark == Mark::colour && line.end().bytes >= begun.bytes + match_bytes)
    line.paint(begun, match_bytes, Paint::match);
}

}  // namespace agentstore::formats
