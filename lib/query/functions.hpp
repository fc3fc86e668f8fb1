// Functions: exact arithmetic and strict comparisons for SQLite to call.

#pragma once

struct sqlite3;

namespace agentstore {

/// Makes the functions that grammar.hpp names known to a connection. False: out of memory.
bool add_functions(sqlite3* connection);

}  // namespace agentstore
