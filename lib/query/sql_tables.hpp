// The tables of SQL, as SQLite asks them: virtual tables over streams of rows.
//
// A condition with a session, a type, a kind, a number or a time goes into the reading; the rest
// SQLite checks. A table that a join asks again and again is read once, and indexed by what the
// join compares: as long as it asks for the same sessions and types.

#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "agentstore/analysis/sql.hpp"
#include "query/sql_rows.hpp"

struct sqlite3;

namespace agentstore::sql {

/// A table: its columns, and those among them that steer the reading; -1: it has none.
struct TableInfo {
  const char* name;
  const char* about;
  std::span<const ColumnInfo> columns;
  int session = -1;
  int seq = -1;
  int type = -1;
  int kind = -1;
  int ms = -1;
  int timestamp = -1;
  std::span<const int> recurring = {};  ///< columns of texts that are fixed, or few
  bool one_a_session = false;
  bool rows_by_seq = false;  ///< its rows come in the order of seq, in a session
  Result<std::unique_ptr<RowStream>> (*open)(SqlSource& source, Interner& intern, Scan scan);
};

std::span<const TableInfo> tables();

/// What the tables of one database share.
struct Shared {
  explicit Shared(SqlSource& of) : source{of} {}

  SqlSource& source;
  Interner intern;
  std::uint64_t memory_bytes_max = 0;
  std::uint64_t inexact = 0;  ///< amounts that were given as NULL
  int open_cursors = 0;
};

/// Adds all tables. `shared` outlives the connection. False: SQLite has no memory.
bool add_tables(sqlite3* connection, Shared& shared);

}  // namespace agentstore::sql
