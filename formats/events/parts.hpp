// Parts of a line, with blanks between them, none longer than what is left of their columns.

#pragma once

#include <algorithm>
#include <string_view>

#include "formats/text/line.hpp"

namespace agentstore::formats {

class Parts {
 public:
  /// Writes after the end of `line`, which has to outlive it.
  Parts(Line& line, std::size_t columns, std::size_t gap_columns = 2)
      : line_{line}, start_{line.end()}, columns_{columns}, gap_columns_{gap_columns} {}

  /// Columns for the next part.
  std::size_t left() const {
    const std::size_t used = empty() ? 0 : line_.columns_since(start_) + gap_columns_;
    return columns_ - std::min(columns_, used);
  }
  bool empty() const { return line_.is_at(start_); }

  /// Adds what `write` adds to the line, if anything; `write` is told the columns that are left.
  template <class Write>
  void add(Write&& write) {
    const std::size_t columns = left();
    const Line::Place before = line_.end();
    if (!empty()) line_.add_blanks(gap_columns_);
    const Line::Place begun = line_.end();
    write(columns);
    if (line_.is_at(begun)) line_.go_back(before);
  }

  /// Cuts what the last part took too much.
  void end() { line_.cut(start_, columns_); }

 private:
  Line& line_;
  Line::Place start_;
  std::size_t columns_;
  std::size_t gap_columns_;
};

}  // namespace agentstore::formats
