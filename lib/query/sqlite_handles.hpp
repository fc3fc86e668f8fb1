// Connections and statements of SQLite that are closed when they go.

#pragma once

#include <memory>

struct sqlite3;
struct sqlite3_stmt;

namespace agentstore::sql {

struct CloseConnection {
  void operator()(sqlite3* connection) const;
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const;
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

}  // namespace agentstore::sql
