#include "formats/text/table.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "formats/text/escape.hpp"
#include "formats/text/paint.hpp"
#include "formats/text/table_layout.hpp"
#include "formats/text/wrap.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t gap_columns = 2;
constexpr std::size_t bar_columns_max = 16;
constexpr std::size_t bar_columns_min = 6;

// A CI runner takes a line that begins with "::" for a command, blanks before it or not.
std::string first_cell(std::string cell) {
  const std::size_t start = cell.find_first_not_of(' ');
  if (start != std::string::npos && cell[start] == ':') cell.replace(start, 1, "\\u{3a}");
  return cell;
}

Paint paint_of(const Column& column, const std::string& cell, const Table::Row& row, bool first) {
  if (column.role == Role::number) {
    const bool alarm = column.alarming && !cell.empty() && cell != "0" && cell != "-";
    if (alarm || cell.starts_with('-')) return cell == "-" ? Paint::none : Paint::red;
  }
  if (row.look.total) return Paint::bold;
  const bool dim = column.role == Role::time || column.role == Role::id;
  return dim && !first ? Paint::dim : Paint::none;
}

// `share` of a whole bar, in eighths of a column; the smallest is an eighth.
std::string bar_of(double share, std::size_t columns) {
  static constexpr const char* eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  if (!(share > 0)) return {};
  const auto size = std::max(1L, std::lround(share * 8 * static_cast<double>(columns)));
  std::string bar;
  for (long full = size / 8; full > 0; --full) bar += "█";
  return bar + eighths[size % 8];
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// Writes the lines of a table that is laid out.
class Writer {
 public:
  Writer(Sink& sink, const Screen& screen, const TableLayout& layout,
         const std::vector<Column>& columns, const std::vector<Table::Row>& rows)
      : sink_{sink}, screen_{screen}, layout_{layout}, columns_{columns}, rows_{rows} {
    if (screen.columns == 0) return;
    const std::size_t used = layout.columns() + gap_columns;
    room_ = screen.columns - std::min(screen.columns, used);
  }

  void write() {
    if (const auto& constants = layout_.constants(); !constants.empty())
      write_words("every row: " + joined(constants), 11);
    write_header();
    for (std::size_t row = 0; row < rows_.size(); ++row) write_row(row);
    for (const std::string& tail : tails_) write_words(tail, 0);
  }

  void write_remarks(const std::vector<std::string>& remarks) {
    if (screen_.columns == 0) return;
    std::string text;
    if (const auto names = layout_.left_out(); !names.empty())
      text = "--wide shows " + joined(names) + ".";
    for (const std::string& remark : remarks) text += (text.empty() ? "" : " ") + remark;
    if (!text.empty()) write_words(text, 0);
  }

 private:
  void write_words(const std::string& text, std::size_t indent) {
    sink_.write(painted(wrapped(text, screen_, indent), Paint::dim, screen_.color) + "\n");
  }

  void write_header() {
    std::string line;
    for (std::size_t at = 0; at < columns_.size(); ++at)
      add(line, at, cut(columns_[at].name, layout_.width(at)), Paint::none);
    end(line);
    std::string rule;
    for (std::size_t left = layout_.columns(); left > 0; --left) rule += "─";
    sink_.write(painted(rule, Paint::dim, screen_.color) + "\n");
  }

  void write_row(std::size_t row) {
    const Table::Row& of = rows_[row];
    std::string line;
    bool first = true;
    for (std::size_t at = 0; at < columns_.size(); ++at) {
      if (!layout_.shows(at)) continue;
      add(line, at, layout_.cell(row, at),
          paint_of(columns_[at], of.cells[at], of, std::exchange(first, false)));
    }
    if (of.look.share && room_ >= bar_columns_min)
      line += "  " + bar_of(*of.look.share, std::min(room_, bar_columns_max));
    // What does not fit is said below, of the total alone: of another row nobody could tell whose.
    const std::string& tail = of.look.tail;
    const bool fits = screen_.columns == 0 || screen_.wide || display_width(tail) <= room_;
    if (!tail.empty() && fits) line += "  " + tail;
    else if (!tail.empty() && of.look.total) tails_.push_back(tail);
    end(line);
  }

  void add(std::string& line, std::size_t at, const std::string& cell, Paint paint) {
    if (!layout_.shows(at)) return;
    if (!line.empty()) line.append(gap_columns, ' ');
    const std::size_t width = layout_.width(at);
    const std::string blanks(width - std::min(width, display_width(cell)), ' ');
    const std::string shown = painted(cell, paint, screen_.color);
    const bool right = columns_[at].align == Align::right || columns_[at].role == Role::number;
    line += right ? blanks + shown : shown + blanks;
  }

  void end(std::string& line) {
    line.erase(line.find_last_not_of(' ') + 1);
    sink_.write(line + "\n");
  }

  Sink& sink_;
  const Screen& screen_;
  const TableLayout& layout_;
  const std::vector<Column>& columns_;
  const std::vector<Table::Row>& rows_;
  std::size_t room_ = 0;  // after the last column
  std::vector<std::string> tails_;
};

}  // namespace

Table::Table(std::vector<Column> columns) : columns_{std::move(columns)} {
  assert(!columns_.empty());
}

void Table::row(std::vector<std::string> cells, RowLook look) {
  assert(cells.size() == columns_.size());
  for (std::string& cell : cells) cell = printable(cell);
  cells.front() = first_cell(std::move(cells.front()));
  rows_.push_back({std::move(cells), std::move(look)});
}

void Table::write(Sink& sink, const Screen& screen) const {
  TableLayout layout{columns_, rows_};
  // A bar, and the tails below it.
  std::size_t reserved = 0;
  for (const Row& row : rows_)
    if (row.look.share) reserved = gap_columns + bar_columns_max;
  if (reserved > 0)
    for (const Row& row : rows_)
      reserved = std::max(reserved, gap_columns + display_width(row.look.tail));
  if (screen.columns > 0 && !screen.wide) layout.fit(screen.columns, reserved);
  Writer writer{sink, screen, layout, columns_, rows_};
  writer.write();
  writer.write_remarks(remarks_);
}

}  // namespace agentstore::formats
