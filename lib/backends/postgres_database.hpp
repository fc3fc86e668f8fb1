// The connections of one store: who needs one takes one, and gives it back. A connection that is
// lost is replaced, and what can be done again without harm is done again, while a server fails
// over.

#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "agentstore/result.hpp"
#include "backends/postgres_connection.hpp"

namespace agentstore {

/// Thread-safe.
class PostgresDatabase {
 public:
  using Work = std::function<Result<void>(PostgresConnection&)>;

  /// Connects once, so that what is wrong is told at once. Errors: as PostgresAddress::parse and
  /// PostgresConnection::open.
  static Result<std::unique_ptr<PostgresDatabase>> open(
      std::string_view store_name, const PostgresOptions& options,
      std::function<void(const std::string&)> on_wait);

  const PostgresAddress& address() const { return address_; }

  /// Runs `work`, which may run again from its start, and sees the database as it is at one
  /// instant.
  Result<void> read(const Work& work);
  /// The same for one statement, or for several that need not agree: without a transaction.
  Result<void> look(const Work& work);
  /// What one statement gives, in that way.
  Result<PostgresRows> query(const char* statement, const PostgresValues& values = {});
  /// Runs `work` in one transaction; inside of another one of this thread it is a part of that,
  /// undone by itself. Durable on return. May run again from its start, unless the connection was
  /// lost while it was committed: then it is an error that says so.
  Result<void> write(const Work& work);
  /// Runs `work`, which commits by itself and may run again: it is told whether it may have been
  /// committed before.
  Result<void> append(const std::function<Result<void>(PostgresConnection&, bool again)>& work);

  /// The connection of this thread's transaction; null: it has none.
  PostgresConnection* current();

 private:
  PostgresDatabase(PostgresAddress address, const PostgresOptions& options,
                   std::function<void(const std::string&)> on_wait);
  Result<std::unique_ptr<PostgresConnection>> take();
  void give_back(std::unique_ptr<PostgresConnection> connection);
  Result<void> in_transaction(PostgresConnection& connection, const char* begin, const Work& work,
                              bool& committing);
  Result<void> nested(PostgresConnection& connection, const Work& work);
  void tell_of_wait(const Error& why) const;
  /// Runs one attempt after the other, as long as they fail by a lost connection.
  Result<void> attempts(const std::function<Result<void>(PostgresConnection&, bool& final)>& one);

  const PostgresAddress address_;
  const PostgresOptions options_;
  const std::function<void(const std::string&)> on_wait_;

  std::mutex mutex_;  // guards these
  std::condition_variable free_;
  std::vector<std::unique_ptr<PostgresConnection>> idle_;
  int taken_ = 0;
  std::map<std::thread::id, PostgresConnection*> current_;
};

}  // namespace agentstore
