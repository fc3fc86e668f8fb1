// What SQLite says of a statement that it does not take, for people: where, why, and what may have
// been meant.

#pragma once

#include <string_view>

#include "agentstore/result.hpp"

struct sqlite3;

namespace agentstore::sql {

/// Of a statement that was not prepared. Errors alone: invalid.
Error error_of_statement(sqlite3* connection, std::string_view sql);

/// Of one that was, and ended in `status`. `memory_bytes_max`: the limit, for the message.
Error error_of_run(sqlite3* connection, int status, std::uint64_t memory_bytes_max);

}  // namespace agentstore::sql
