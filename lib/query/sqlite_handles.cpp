#include "query/sqlite_handles.hpp"

#include <sqlite3.h>

namespace agentstore::sql {

void CloseConnection::operator()(sqlite3* connection) const {
  sqlite3_close_v2(connection);
}

void FinalizeStatement::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

}  // namespace agentstore::sql
