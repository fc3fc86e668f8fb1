// The tables of a database: the article's, as its class makes them, and ours beside.

#pragma once

#include "agentstore/result.hpp"
#include "backends/sqlite_database.hpp"

namespace agentstore {

/// What a database has of the tables.
struct SqliteTables {
  bool events = false;
  bool ours = false;
};

/// Looks at the schema. Errors: invalid (it is another one); unsupported (ours are of a newer
/// version); as SqliteQuery::step.
Result<SqliteTables> look_at_tables(SqliteDatabase& database);
/// Makes the tables that are missing. Errors: as SqliteDatabase::run.
Result<void> make_tables(SqliteDatabase& database);

}  // namespace agentstore
