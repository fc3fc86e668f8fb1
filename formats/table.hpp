// Tables: a line of names, a rule, then a row a line.

#pragma once

#include <string>
#include <vector>

#include "formats/sink.hpp"

namespace agentstore::formats {

enum class Align { left, right };

struct Column {
  std::string name;
  Align align = Align::left;
  /// Cut first where a terminal is too narrow.
  bool flexible = false;
};

/// Holds its rows until it is written, so that columns line up. Cells are escaped here.
/// In a pipe no cell is cut. On a terminal the widest flexible columns give way first; the first
/// column only where nothing else is left to cut.
class Table {
 public:
  explicit Table(std::vector<Column> columns);

  /// One cell for each column.
  void row(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }

  void write(Sink& sink, const Screen& screen) const;

 private:
  std::vector<std::size_t> widths(std::size_t columns) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace agentstore::formats
