#include "formats/table.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

#include "formats/escape.hpp"
#include "formats/paint.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t gap_columns = 2;
constexpr std::size_t cut_columns_min = 4;
constexpr std::size_t telling_columns_min = 9;  // eight of an id, and the ellipsis

// A CI runner takes a line that begins with "::" for a command, blanks before it or not.
std::string first_cell(std::string cell) {
  const std::size_t start = cell.find_first_not_of(' ');
  if (start != std::string::npos && cell[start] == ':') cell.replace(start, 1, "\\u{3a}");
  return cell;
}

void append_cell(std::string& line, std::string_view cell, std::size_t width, Align align) {
  const std::string shown = display_width(cell) > width ? cut(cell, width) : std::string{cell};
  const std::size_t used = display_width(shown);
  const std::string blanks(width - std::min(width, used), ' ');
  line += align == Align::right ? blanks + shown : shown + blanks;
}

}  // namespace

Table::Table(std::vector<Column> columns) : columns_{std::move(columns)} {
  assert(!columns_.empty());
}

void Table::row(std::vector<std::string> cells) {
  assert(cells.size() == columns_.size());
  for (std::string& cell : cells) cell = printable(cell);
  cells.front() = first_cell(std::move(cells.front()));
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::widths(std::size_t columns) const {
  std::vector<std::size_t> widths;
  widths.reserve(columns_.size());
  for (const Column& column : columns_) widths.push_back(display_width(column.name));
  for (const auto& row : rows_) {
    for (std::size_t at = 0; at < row.size(); ++at) {
      widths[at] = std::max(widths[at], display_width(row[at]));
    }
  }
  if (columns == 0) return widths;

  const std::size_t gaps = gap_columns * (widths.size() - 1);
  std::size_t total = std::accumulate(widths.begin(), widths.end(), gaps);
  const auto shrink = [&](std::size_t least, auto&& may_cut) {
    while (total > columns) {
      std::size_t widest = widths.size();
      for (std::size_t at = 0; at < widths.size(); ++at) {
        if (!may_cut(at) || widths[at] <= least) continue;
        if (widest == widths.size() || widths[at] > widths[widest]) widest = at;
      }
      if (widest == widths.size()) return;
      --widths[widest];
      --total;
    }
  };
  // The start of an id still names it; a date without its end says nothing.
  const auto flexible = [&](std::size_t at) { return at > 0 && columns_[at].flexible; };
  const auto first = [](std::size_t at) { return at == 0; };
  shrink(telling_columns_min, flexible);
  shrink(telling_columns_min, first);
  shrink(cut_columns_min, flexible);
  shrink(cut_columns_min,
         [&](std::size_t at) { return at > 0 && columns_[at].align == Align::left; });
  shrink(cut_columns_min, first);
  return widths;
}

void Table::write(Sink& sink, const Screen& screen) const {
  const std::vector<std::size_t> cell_widths = widths(screen.columns);
  const auto line_of = [&](auto&& cell_at) {
    std::string line;
    for (std::size_t at = 0; at < columns_.size(); ++at) {
      if (at > 0) line.append(gap_columns, ' ');
      append_cell(line, cell_at(at), cell_widths[at], columns_[at].align);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
  };
  sink.write(line_of([&](std::size_t at) -> std::string_view { return columns_[at].name; }) + "\n");

  const std::size_t gaps = gap_columns * (columns_.size() - 1);
  std::string rule;
  for (std::size_t left = std::accumulate(cell_widths.begin(), cell_widths.end(), gaps); left > 0;
       --left) {
    rule += "─";
  }
  sink.write(painted(rule, Paint::dim, screen.color) + "\n");
  for (const auto& row : rows_) {
    sink.write(line_of([&](std::size_t at) -> std::string_view { return row[at]; }) + "\n");
  }
}

}  // namespace agentstore::formats
