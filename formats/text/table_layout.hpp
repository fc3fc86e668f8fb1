// How a table is laid out on a terminal: what gives way so that a row is a line.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "formats/text/table.hpp"

namespace agentstore::formats {

class TableLayout {
 public:
  /// Everything whole.
  TableLayout(const std::vector<Column>& columns, const std::vector<Table::Row>& rows);

  /// Gives way until a row fits, with `reserved` columns after it for as long as there are
  /// secondary columns to leave out.
  void fit(std::size_t columns, std::size_t reserved);

  bool shows(std::size_t column) const { return shown_[column]; }
  std::size_t width(std::size_t column) const { return widths_[column]; }
  /// Of a whole row.
  std::size_t columns() const;
  std::string cell(std::size_t row, std::size_t column) const;

  /// "PROJECT shop-api", "no LABELS": of the columns that say the same in every row.
  const std::vector<std::string>& constants() const { return constants_; }
  /// The names of the columns that are left out.
  std::vector<std::string> left_out() const;

 private:
  bool fits(std::size_t columns) const { return this->columns() <= columns; }
  void drop_constants();
  bool is_constant(std::size_t column) const;
  void shorten_ids();
  void drop_secondary(std::size_t columns);
  bool drop_next_secondary();
  void shrink(Role role, std::size_t least, std::size_t columns);
  void shorten_times(std::size_t characters, std::size_t columns);
  void drop_from_the_right(std::size_t columns);
  void measure();
  bool is_limited(const Table::Row& row, std::size_t column) const;
  void limit(std::size_t column, std::size_t characters);

  const std::vector<Column>& columns_;
  const std::vector<Table::Row>& rows_;
  std::vector<bool> shown_;
  std::vector<std::size_t> widths_;
  std::vector<std::size_t> bytes_max_;  // of an id or a time; 0: whole
  std::vector<std::string> constants_;
  std::vector<std::size_t> left_out_;
};

}  // namespace agentstore::formats
