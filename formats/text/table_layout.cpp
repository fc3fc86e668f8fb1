#include "formats/text/table_layout.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "formats/text/code_points.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t gap_columns = 2;
constexpr std::size_t long_id_characters = 16;
constexpr std::size_t short_id_characters = 8;
// What texts are given before a secondary column gives way to them, and what they keep at least.
constexpr std::size_t comfortable_columns = 32;
constexpr std::size_t text_columns_min = 12;
constexpr std::size_t cut_columns_min = 4;
constexpr std::size_t key_columns_min = 16;
constexpr std::size_t minute_characters = 16;  // of "2026-03-07 12:00:00"
constexpr std::size_t day_characters = 10;

// The columns of what is before a cell.
std::size_t branch_of(const Table::Row& row, std::size_t column) {
  return column == 0 ? display_width(row.look.branch) : 0;
}

// Both ends of a text tell more than its start.
std::string cut_middle(const std::string& text, std::size_t columns) {
  if (display_width(text) <= columns) return text;
  if (columns < 8) return cut(text, columns);
  const std::size_t tail_columns = (columns - 1) / 2;
  std::size_t tail = text.size();
  while (tail > 0) {
    std::size_t before = tail - 1;
    while (before > 0 && (static_cast<unsigned char>(text[before]) & 0xC0U) == 0x80U) --before;
    if (display_width(std::string_view{text}.substr(before)) > tail_columns) break;
    tail = before;
  }
  const std::string start = cut(text, columns - tail_columns);
  return start + text.substr(tail);
}

}  // namespace

TableLayout::TableLayout(const std::vector<Column>& columns, const std::vector<Table::Row>& rows)
    : columns_{columns},
      rows_{rows},
      shown_(columns.size(), true),
      widths_(columns.size()),
      bytes_max_(columns.size()) {
  measure();
}

void TableLayout::measure() {
  for (std::size_t at = 0; at < columns_.size(); ++at) limit(at, 0);
}

// An id or a time that is cut to so many characters; 0: whole.
void TableLayout::limit(std::size_t column, std::size_t characters) {
  bytes_max_[column] = characters;
  widths_[column] = display_width(columns_[column].name);
  for (const Table::Row& row : rows_) {
    const std::string_view cell = row.cells[column];
    const std::string_view kept = is_limited(row, column) ? cut_utf8(cell, characters) : cell;
    widths_[column] = std::max(widths_[column], display_width(kept) + branch_of(row, column));
  }
}

// Ids that are short enough are left alone.
bool TableLayout::is_limited(const Table::Row& row, std::size_t column) const {
  const bool is_id = columns_[column].role == Role::id;
  const bool left_alone =
      is_id && (row.look.total || row.cells[column].size() <= long_id_characters);
  return bytes_max_[column] > 0 && !left_alone;
}

std::size_t TableLayout::columns() const {
  std::size_t sum = 0;
  for (std::size_t at = 0; at < widths_.size(); ++at)
    if (shown_[at]) sum += widths_[at] + gap_columns;
  return sum - std::min(sum, gap_columns);
}

std::string TableLayout::cell(std::size_t row, std::size_t column) const {
  const Table::Row& of = rows_[row];
  std::string text = of.cells[column];
  if (is_limited(of, column)) text = cut_utf8(text, bytes_max_[column]);
  const std::size_t branch = branch_of(of, column);
  const std::size_t room = widths_[column] - std::min(widths_[column], branch);
  text = columns_[column].role == Role::key ? cut_middle(text, room) : cut(text, room);
  return branch == 0 ? text : cut(of.look.branch + text, widths_[column]);
}

std::vector<std::string> TableLayout::left_out() const {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < columns_.size(); ++at)
    if (!columns_[at].name.empty() && std::ranges::find(left_out_, at) != left_out_.end())
      names.push_back(columns_[at].name);
  return names;
}

void TableLayout::fit(std::size_t columns, std::size_t reserved) {
  // A text that no line can hold is cut in any case: not a column at a time from megabytes on.
  for (std::size_t at = 0; at < widths_.size(); ++at)
    if (columns_[at].role == Role::text || columns_[at].role == Role::key)
      widths_[at] = std::min(widths_[at], std::max(columns, display_width(columns_[at].name)) + 1);
  const std::size_t room = columns - std::min(columns, reserved);
  if (!fits(room)) drop_constants();
  if (!fits(room)) shorten_ids();
  drop_secondary(room);
  shrink(Role::text, text_columns_min, columns);
  shorten_times(minute_characters, columns);
  shorten_times(day_characters, columns);
  shrink(Role::text, cut_columns_min, columns);
  shrink(Role::id, short_id_characters + 1, columns);
  shrink(Role::key, key_columns_min, columns);
  drop_from_the_right(columns);
  shrink(Role::id, cut_columns_min, columns);
  shrink(Role::key, cut_columns_min, columns);
  shrink(Role::number, 1, columns);  // Of the first column, where no other one is left.
}

bool TableLayout::is_constant(std::size_t column) const {
  if (column == 0 || columns_[column].name.empty()) return false;
  const std::string& first = rows_.front().cells[column];
  return std::ranges::all_of(rows_, [&](const Table::Row& row) {
    return row.cells[column] == first || (row.look.total && row.cells[column].empty());
  });
}

void TableLayout::drop_constants() {
  const auto total = std::ranges::count_if(rows_, [](const auto& row) { return row.look.total; });
  if (rows_.size() - static_cast<std::size_t>(total) < 2) return;
  for (std::size_t at = 0; at < columns_.size(); ++at) {
    if (!is_constant(at)) continue;
    shown_[at] = false;
    const std::string& value = rows_.front().cells[at];
    const bool nothing = value.empty() || value == "-";
    constants_.push_back(nothing ? "no " + columns_[at].name : columns_[at].name + ' ' + value);
  }
}

void TableLayout::shorten_ids() {
  for (std::size_t at = 0; at < columns_.size(); ++at) {
    if (columns_[at].role != Role::id || widths_[at] <= long_id_characters) continue;
    std::vector<std::string_view> ids;
    for (const Table::Row& row : rows_) ids.emplace_back(row.cells[at]);
    limit(at, telling_characters(std::move(ids)));
  }
}

void TableLayout::drop_secondary(std::size_t columns) {
  const auto comfortable = [&] {
    std::size_t sum = this->columns();
    for (std::size_t at = 0; at < widths_.size(); ++at)
      if (shown_[at] && columns_[at].role == Role::text)
        sum -= widths_[at] - std::min(widths_[at], comfortable_columns);
    return sum <= columns;
  };
  while (!comfortable() && drop_next_secondary()) {
  }
}

bool TableLayout::drop_next_secondary() {
  std::size_t next = columns_.size();
  for (std::size_t at = 0; at < columns_.size(); ++at) {
    if (!shown_[at] || columns_[at].secondary == 0) continue;
    if (next == columns_.size() || columns_[at].secondary > columns_[next].secondary) next = at;
  }
  if (next == columns_.size()) return false;
  shown_[next] = false;
  left_out_.push_back(next);
  return true;
}

// Takes a column at a time from the widest one.
void TableLayout::shrink(Role role, std::size_t least, std::size_t columns) {
  while (!fits(columns)) {
    std::size_t widest = widths_.size();
    for (std::size_t at = 0; at < widths_.size(); ++at) {
      if (!shown_[at] || columns_[at].role != role || widths_[at] <= least) continue;
      if (widest == widths_.size() || widths_[at] > widths_[widest]) widest = at;
    }
    if (widest == widths_.size()) return;
    --widths_[widest];
  }
}

void TableLayout::shorten_times(std::size_t characters, std::size_t columns) {
  if (fits(columns)) return;
  for (std::size_t at = 0; at < columns_.size(); ++at)
    if (columns_[at].role == Role::time && shown_[at] && widths_[at] > characters)
      limit(at, characters);
}

void TableLayout::drop_from_the_right(std::size_t columns) {
  for (std::size_t at = columns_.size(); --at > 0 && !fits(columns);) {
    if (!shown_[at]) continue;
    shown_[at] = false;
    left_out_.push_back(at);
  }
}

}  // namespace agentstore::formats
