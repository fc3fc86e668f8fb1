// A connection to an SQLite database: statements, transactions, and errors that say what SQLite
// said. Knows nothing of events.

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/append.hpp"
#include "agentstore/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace agentstore {

/// How a database is opened.
struct SqliteOptions {
  bool create = false;
  Durability durability = Durability::fsync;
  std::chrono::milliseconds lock_timeout{10'000};
};

/// Thread-safe: whoever uses several statements for one answer holds `mutex`.
class SqliteDatabase {
 public:
  /// Opens a file that is a database, or is to be one; to read only where it may not be written.
  /// Errors: not_found; invalid (it is no database); io; busy; corrupt.
  static Result<std::unique_ptr<SqliteDatabase>> open(const std::filesystem::path& path,
                                                      const SqliteOptions& options);
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;
  ~SqliteDatabase();

  std::recursive_mutex mutex;

  const std::string& path() const { return path_; }

  /// Runs `work` in one transaction that may write; a call inside of another one is a part of it
  /// that is undone by itself. `prepare` runs first in the first one. Durable on return, unless the
  /// durability is none. Errors: busy; io; those of `work`: then nothing of it is written.
  Result<void> write(const std::function<Result<void>()>& work);
  /// Runs `work`, which sees the database as it is at one instant. Errors: likewise.
  Result<void> read(const std::function<Result<void>()>& work);
  /// What the first transaction that writes begins with.
  std::function<Result<void>()> prepare;

  /// Runs statements that give no rows.
  Result<void> run(const char* statements);
  /// What went wrong last; where it is damage, with what SQLite's own check finds.
  std::unexpected<Error> failure(const std::string& attempt);
  /// What SQLite's own check finds: the first line; empty where nothing is wrong.
  std::string own_check();
  /// What is overwritten goes from the journal, too. False: others read it just now.
  bool empty_journal();

 private:
  friend class SqliteQuery;
  SqliteDatabase(std::string path, const SqliteOptions& options);
  Result<void> connect(const std::string& name, int flags);
  Result<void> begin();
  Result<void> end(bool commit);
  Result<void> go_to_journal();
  sqlite3_stmt* statement(std::string_view sql);

  const std::string path_;
  const SqliteOptions options_;
  const std::uint64_t opened_by_;
  sqlite3* connection_ = nullptr;
  std::map<std::string, sqlite3_stmt*, std::less<>> statements_;
  int depth_ = 0;  // of transactions
  bool writing_ = false;
  bool read_only_ = false;
  bool prepared_ = false;
};

/// A statement with its values, from its making to its end; at most one of a text at a time.
///   SqliteQuery query{database, "SELECT version FROM events WHERE stream_id = ?"};
///   query.bind(id);
///   while (...query.step()...) use(query.integer(0));
class SqliteQuery {
 public:
  SqliteQuery(SqliteDatabase& database, std::string_view sql);
  SqliteQuery(const SqliteQuery&) = delete;
  SqliteQuery& operator=(const SqliteQuery&) = delete;
  ~SqliteQuery();

  /// The next value; texts live as long as this.
  SqliteQuery& bind(std::string_view text);
  SqliteQuery& bind(const std::string& text) { return bind(std::string_view{text}); }
  SqliteQuery& bind(std::int64_t number);
  SqliteQuery& bind_bytes(std::string_view bytes);
  SqliteQuery& bind_null();
  SqliteQuery& bind(const std::optional<std::string_view>& text) {
    return text ? bind(*text) : bind_null();
  }
  SqliteQuery& bind(const std::optional<std::int64_t>& number) {
    return number ? bind(*number) : bind_null();
  }

  /// Goes to the next row; false at the end. Errors: busy; io; corrupt.
  Result<bool> step();
  /// The same of a statement that gives no rows.
  Result<void> run();

  // Of the row; views live until the next step.
  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  std::string_view bytes(int column) const;

 private:
  SqliteDatabase& database_;
  sqlite3_stmt* statement_;
  int values_ = 0;
};

}  // namespace agentstore
