// Functions of SQL that are exact: decimal_sum, decimal_add, decimal_cmp.

#pragma once

struct sqlite3;

namespace agentstore::sql {

/// False: SQLite has no memory.
bool add_decimal_functions(sqlite3* connection);

}  // namespace agentstore::sql
