// Functions of SQL: decimal_sum, decimal_add and decimal_cmp, which are exact, and those of whoever
// opens the database.

#pragma once

#include <span>

#include "agentstore/analysis/sql.hpp"

struct sqlite3;

namespace agentstore::sql {

/// False: SQLite has no memory.
bool add_decimal_functions(sqlite3* connection);
/// The functions outlive the connection. False: likewise.
bool add_functions(sqlite3* connection, std::span<const SqlFunction> functions);

}  // namespace agentstore::sql
