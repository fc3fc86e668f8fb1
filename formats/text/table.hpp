// Tables: a line of names, a rule, then a row a line.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "formats/text/sink.hpp"

namespace agentstore::formats {

enum class Align { left, right };

/// What a column holds, which decides how it gives way where a terminal is too narrow.
enum class Role {
  text,    ///< cut, after all that can give way without a loss did
  key,     ///< what the rows are told apart by: stays whole as long as there is any other way
  id,      ///< shortened to eight characters, more where rows would look the same
  number,  ///< on the right; never cut
  time,    ///< "2026-03-07 12:00:00": loses its seconds, then its time of day, never its day
};

struct Column {
  std::string name;
  Align align = Align::left;  ///< of a text
  Role role = Role::text;
  int secondary = 0;      ///< not 0: may be left out, the highest number first
  bool alarming = false;  ///< of numbers: red unless it is 0
};

/// What a row has beside its cells.
struct RowLook {
  bool total = false;                          ///< the sum of the rows above
  std::optional<double> share = std::nullopt;  ///< of the whole: a bar in the last column
  std::string tail = {};                       ///< printable, after the last column
  std::string branch = {};                     ///< printable, before the first cell: never cut
};

/// Holds its rows until it is written, so that columns line up. Cells are escaped here.
/// In a pipe, and with --wide, every cell is whole. On a terminal a row is a line: what gives way
/// are columns that say the same in every row (said once above), long ids, secondary columns (named
/// below), then texts.
class Table {
 public:
  explicit Table(std::vector<Column> columns);

  /// One cell for each column.
  void row(std::vector<std::string> cells, RowLook look = {});
  bool empty() const { return rows_.empty(); }
  /// A sentence, printable, for a terminal: it is said below the table.
  void remark(std::string sentence) { remarks_.push_back(std::move(sentence)); }

  void write(Sink& sink, const Screen& screen) const;

  struct Row {
    std::vector<std::string> cells;
    RowLook look;
  };

 private:
  std::vector<Column> columns_;
  std::vector<Row> rows_;
  std::vector<std::string> remarks_;
};

}  // namespace agentstore::formats
