// printf and format, as SQLite has them, but for what they would be at work on for minutes.

#pragma once

struct sqlite3;

namespace agentstore::sql {

/// Widths and precisions that come to more than a value may have are refused: SQLite counts them
/// down, `%.2000000000c` for half a minute, and then gives NULL. False: SQLite has no memory.
bool add_printf(sqlite3* connection);

}  // namespace agentstore::sql
