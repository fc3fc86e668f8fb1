// A connection to PostgreSQL: statements, their rows, and errors that say where and what to do.
// Knows nothing of events.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/append.hpp"
#include "agentstore/result.hpp"
#include "backends/postgres_address.hpp"
#include "backends/postgres_library.hpp"

namespace agentstore {

/// The values of a statement, in order.
class PostgresValues {
 public:
  PostgresValues& add(std::string_view text) {
    values_.emplace_back(text);
    return *this;
  }
  PostgresValues& add(std::int64_t number) {
    values_.emplace_back(std::to_string(number));
    return *this;
  }
  PostgresValues& add(bool is) { return add(std::string_view{is ? "t" : "f"}); }
  PostgresValues& add(const char* text) { return add(std::string_view{text}); }
  PostgresValues& add_null() {
    values_.emplace_back(std::nullopt);
    return *this;
  }
  std::span<const std::optional<std::string>> all() const { return values_; }

 private:
  std::vector<std::optional<std::string>> values_;
};

/// An array as one value.
class PostgresArray {
 public:
  PostgresArray& add(std::string_view text);
  PostgresArray& add(std::int64_t number) { return add(std::string_view{std::to_string(number)}); }
  /// Bytes for an element of type bytea.
  PostgresArray& add_bytes(std::string_view bytes);
  PostgresArray& add_null();
  std::string text() const { return text_ + '}'; }

 private:
  void separate() {
    if (text_.size() > 1) text_ += ',';
  }
  std::string text_ = "{";
};

/// What a statement gave, in PostgreSQL's binary form. Views live as long as it.
class PostgresRows {
 public:
  PostgresRows(const PostgresLibrary& library, pg_result* result)
      : library_(&library), result_(result, library.clear) {}
  int size() const { return library_->ntuples(result_.get()); }
  bool is_null(int row, int column) const {
    return library_->getisnull(result_.get(), row, column) == 1;
  }
  /// Of text and bytea; empty where it is NULL.
  std::string_view text(int row, int column) const {
    return {library_->getvalue(result_.get(), row, column),
            static_cast<std::size_t>(library_->getlength(result_.get(), row, column))};
  }
  /// Of bigint and integer; 0 where it is NULL.
  std::int64_t integer(int row, int column) const;
  const pg_result* result() const { return result_.get(); }
  bool is_true(int row, int column) const { return text(row, column) == std::string_view{"\1", 1}; }

 private:
  const PostgresLibrary* library_;
  std::unique_ptr<pg_result, void (*)(pg_result*)> result_;
};

/// How a server is spoken to.
struct PostgresOptions {
  Durability durability = Durability::fsync;
  std::chrono::milliseconds lock_timeout{10'000};
};

/// Used by one thread at a time. In a statement "@S@" stands for the store's schema; its text is a
/// literal, and it is prepared once.
class PostgresConnection {
 public:
  /// Errors: io (no server, wrong password); not_found (no such database); unsupported (the server
  /// is too old, or its database is not in UTF-8).
  static Result<std::unique_ptr<PostgresConnection>> open(const PostgresAddress& address,
                                                          const PostgresOptions& options);
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;
  ~PostgresConnection();

  Result<PostgresRows> query(const char* statement, const PostgresValues& values);
  Result<PostgresRows> query(const char* statement) { return query(statement, {}); }
  /// Of a statement that gives no rows.
  Result<void> run(const char* statement, const PostgresValues& values);
  /// Statements without values, of which none gives rows that are wanted; "@S@" means nothing here.
  Result<void> run_all(const char* statements);
  /// One statement once for each of the values, in one transaction, which is committed on return.
  Result<std::vector<PostgresRows>> query_each(const char* statement,
                                               std::span<const PostgresValues> values);

  /// Whether the last failure leaves it unknown what the server did with the statement, or another
  /// server is to be asked. The connection is of no further use.
  bool is_lost() const { return lost_; }
  /// Whether the last failure is that this server may only be read.
  bool is_read_only() const { return read_only_; }
  /// Whether the last failure is one that another attempt at the transaction may not have: of two
  /// that waited for each other, or that could not be put in an order.
  bool may_try_again() const { return may_try_again_; }
  /// Whether the last failure is a lock that was kept for too long because the server stood still,
  /// or because somebody who may keep it waits for a standby. Asks the server.
  bool is_held_up();
  bool is_usable() const;
  /// Ends a transaction that failed; what `may_try_again` and `is_held_up` say of that failure
  /// stays.
  void roll_back();
  /// In words, for messages: the host and the database.
  const std::string& place() const { return place_; }

 private:
  PostgresConnection(const PostgresLibrary& library, const PostgresAddress& address, pg_conn* made);
  Result<void> set_up(const PostgresOptions& options);
  Result<std::string> prepared(const char* statement);
  /// What the server answers to what was sent, of several statements to the last; `sent`:
  /// libpq's 1.
  Result<PostgresRows> answer_to(int sent);
  bool is_answered();
  bool is_replaced() const;
  std::unexpected<Error> failure(const pg_result* result);
  std::unexpected<Error> unconfirmed();
  std::unexpected<Error> silent();
  void note(const pg_result* notice);
  void begin_statement();

  const PostgresLibrary& library_;
  const PostgresAddress address_;
  const std::uint64_t opened_by_;
  pg_conn* connection_;
  std::string place_;
  std::chrono::milliseconds lock_timeout_{};
  std::chrono::steady_clock::time_point began_;
  std::map<std::string_view, std::string> prepared_;
  bool lost_ = false;
  bool read_only_ = false;
  bool unconfirmed_ = false;
  bool locked_out_ = false;
  bool stood_still_ = false;
  bool may_try_again_ = false;
};

}  // namespace agentstore
