#include "formats/events/outcome.hpp"

#include <algorithm>

#include "formats/text/escape.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t gap_columns = 2;
// How long a call took stands at the right of these.
constexpr std::size_t length_columns = 9;

}  // namespace

// Of so many that an event has for itself; 0 where there is no room for two columns.
std::size_t OutcomeColumn::columns_of(std::size_t columns) const {
  constexpr std::size_t narrow = 44;
  constexpr std::size_t least = 25;
  constexpr std::size_t most = 64;
  if (!talk_ || columns < narrow) return 0;
  return std::clamp(columns * 2 / 5, least, most);
}

void OutcomeColumn::add(Line& line, Line::Place said, const Outcome& outcome) const {
  const std::size_t end = room_columns_;
  if (said.columns >= end) return;
  const Ending& ending = outcome.ending;
  const std::size_t length = display_width(outcome.length);
  const std::size_t words = display_width(printable(ending.words));
  const std::size_t whole = length + (length > 0 && words > 0 ? gap_columns : 0) + words;
  make_room(line, said, whole);
  std::size_t begin = line.end().columns;
  if (begin > said.columns) begin += gap_columns;
  const std::size_t right = columns_of(end - std::min(end, said.columns));
  const std::size_t in_column = end - right + length_columns - std::min(length, length_columns);
  if (right > 0 && begin <= in_column) begin = in_column;
  else if (talk_) begin = std::max(begin, end - std::min(end, whole));
  if (begin + length > end) return;
  line.add_blanks(begin - line.end().columns);
  line.add_printable(outcome.length, length);
  add_ending(line, ending, right > 0);
}

// How a call ended matters more than all of what it was.
void OutcomeColumn::make_room(Line& line, Line::Place said, std::size_t wanted_columns) const {
  constexpr std::size_t said_columns_min = 6;
  const std::size_t all = room_columns_ - std::min(room_columns_, said.columns);
  const bool fits = line.columns_since(said) + gap_columns + wanted_columns <= all;
  const bool painted = line.text().substr(said.bytes).contains('\x1b');
  if (!talk_ || fits || painted) return;
  const std::size_t least = std::min(all, wanted_columns + gap_columns);
  line.cut(said, std::max(all - least, said_columns_min));
}

void OutcomeColumn::add_ending(Line& line, const Ending& ending, bool roomy) const {
  // Fewer are not worth it.
  constexpr std::size_t detail_columns_min = 12;
  const std::size_t end = room_columns_;
  const auto add = [&](const std::string& text, std::size_t gap, std::size_t least) {
    const std::size_t begin = line.end().columns + gap;
    if (text.empty() || begin + least > end) return;
    line.add_blanks(gap);
    const Line::Place begun = line.end();
    line.add_printable(text, end - begin);
    if (color_) line.paint(begun, line.end().bytes - begun.bytes, ending.paint);
  };
  add(ending.words, gap_columns, 1);
  const bool joined = !ending.words.empty() && !ending.words.contains(':');
  if (!ending.detail.empty() && (roomy || !talk_))
    add(joined ? ": " + ending.detail : ending.detail, joined ? 0 : gap_columns,
        std::min(detail_columns_min, display_width(printable(ending.detail))));
}

}  // namespace agentstore::formats
