// What a statement may do: read, and nothing else.

#pragma once

#include <string>

struct sqlite3;

namespace agentstore::sql {

/// Installed for good on a connection; statements of our own are prepared while it is off.
class Guard {
 public:
  /// Outlives the connection.
  void install(sqlite3* connection);

  bool on = false;
  std::string
      denied;  ///< what the last statement wanted to do, "INSERT INTO events"; empty: nothing
  bool sums_tokens = false;  ///< a statement reads sums of all tokens that are stored

 private:
  static int ask(void* guard, int action, const char* first, const char* second,
                 const char* database, const char* inner);
  int decide(int action, const char* first, const char* second);
};

}  // namespace agentstore::sql
