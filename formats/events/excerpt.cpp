#include "formats/events/excerpt.hpp"

#include <algorithm>
#include <ranges>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/events/words.hpp"
#include "formats/text/code_points.hpp"
#include "formats/text/escape.hpp"

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

/// Writes the pieces of an excerpt, and marks those that match.
class Pieces {
 public:
  Pieces(Line& line, std::size_t columns, Mark mark)
      : line_{line}, start_{line.end()}, columns_{columns}, mark_{mark} {}

  std::size_t left() const { return columns_ - std::min(columns_, line_.columns_since(start_)); }

  void add(std::string_view text) {
    if (text.empty() || left() == 0) return;
    if (json::is_space(text.front())) line_.add_blanks(1);
    const std::string words = on_one_line(cut_utf8(text, columns_ * 4));
    if (words.empty() || left() == 0) return;
    line_.add_printable(words, left());
    if (json::is_space(text.back()) && left() > 0) line_.add_blanks(1);
  }

  void add_match(std::string_view text) {
    const bool quoted = mark_ == Mark::quotes && left() > 3;
    const std::string words = on_one_line(cut_utf8(text, columns_ * 4));
    const Line::Place begun = line_.end();
    if (quoted) line_.add_printable("«", 1);
    line_.add_printable(words, left() - (quoted ? 1 : 0));
    if (quoted) line_.add_printable("»", 1);
    matches_.emplace_back(begun, line_.end().bytes - begun.bytes);
  }

  void paint() {
    line_.cut(start_, columns_);
    if (mark_ != Mark::colour) return;
    // From the last on: paint moves what is behind it.
    const std::size_t end = line_.end().bytes;
    for (const auto& [begun, bytes] : std::views::reverse(matches_))
      if (begun.bytes < end && line_.text().substr(begun.bytes, bytes) != "…")
        line_.paint(begun, std::min(bytes, end - begun.bytes), Paint::match);
  }

 private:
  Line& line_;
  const Line::Place start_;
  const std::size_t columns_;
  const Mark mark_;
  std::vector<std::pair<Line::Place, std::size_t>> matches_;
};

}  // namespace

void add_excerpt(Line& line, const Excerpt& excerpt, std::size_t columns, Mark mark) {
  const std::string_view text = excerpt.text;
  const auto piece = [&](std::size_t from, std::size_t to) { return text.substr(from, to - from); };
  const std::string match =
      on_one_line(cut_utf8(piece(excerpt.begin_bytes, excerpt.end_bytes), columns * 4));
  const std::size_t marks = mark == Mark::quotes ? 2 : 0;
  const std::size_t match_columns = std::min(display_width(printable(match)) + marks, columns);
  const std::size_t before_columns = (columns - match_columns) / 3;
  Pieces pieces{line, columns, mark};
  if (before_columns > 1)
    line.add_printable(before_match(text.substr(0, excerpt.begin_bytes), before_columns),
                       before_columns);
  pieces.add_match(piece(excerpt.begin_bytes, excerpt.end_bytes));
  std::size_t at = excerpt.end_bytes;
  for (const auto& [begin, end] : excerpt.others) {
    pieces.add(piece(at, begin));
    if (pieces.left() == 0) break;
    pieces.add_match(piece(begin, end));
    at = end;
  }
  pieces.add(text.substr(at));
  pieces.paint();
}

}  // namespace agentstore::formats
