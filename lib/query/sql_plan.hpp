// Plans: which conditions of a statement go into the reading of a table, and which of its columns
// are read. A plan is a text, which EXPLAIN QUERY PLAN shows:
//
//   session_id=? type IN(?) seq>=? by type reading type,seq

#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "query/sql_tables.hpp"

struct sqlite3_index_info;
struct sqlite3_value;

namespace agentstore::sql {

/// Chooses the plan for what SQLite offers, and says what it costs. An SQLite status.
int choose_plan(const TableInfo& table, SqlSource& source, sqlite3_index_info* info);

/// A plan with its values.
struct Ask {
  using Texts = std::optional<std::set<std::string, std::less<>>>;  ///< absent: any

  std::vector<int> columns;  ///< that are read
  Texts ids;
  Texts types;
  Texts kinds;
  Filter range;  ///< numbers and times
  struct Equal {
    int column;
    Cell value;
  };
  /// Columns that have to equal a value, whose texts live as long as the values of SQLite.
  std::vector<Equal> equals;
  bool nothing = false;  ///< no row can be wanted
  int grouped_by = -1;   ///< rows with one value of this column come together, in its order

  /// What is read for it: all but numbers and times where `held`, which an index has.
  Scan scan(bool held) const;
};

Ask read_plan(const TableInfo& table, std::string_view plan, int count, sqlite3_value** values);

}  // namespace agentstore::sql
