// SQL over logs: tables of sessions, events, calls and money, read while a question is answered.
//
//   class Mine final : public SqlSource { … };
//   auto database = SqlDatabase::open(source, {}).value();
//   auto answer = database.query("SELECT type, count(*) FROM events GROUP BY type").value();
//   while (answer.next().value()) use(answer.value(0), answer.value(1));
//
// SQLite asks the questions; it sees no file, and can change nothing. Of money a column is an
// INTEGER or a REAL where that gives the same decimal back, else NULL; the column of the same name
// and `_text` has every digit.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/ledger.hpp"
#include "agentstore/parts.hpp"
#include "agentstore/projection.hpp"
#include "agentstore/reader.hpp"
#include "agentstore/result.hpp"
#include "agentstore/session.hpp"

namespace agentstore {

/// What holds the events of a session, or of several.
struct SqlLog {
  std::string session_id;     ///< empty: its events say
  bool several = false;       ///< it may hold events of many sessions; then session_id is empty
  bool large = false;         ///< worth a thread of its own to read
  std::uint64_t events = 20;  ///< about so many
};

/// A row of `sessions`.
struct SqlSession {
  Session session;
  std::string title = {};
  std::optional<Totals> totals = std::nullopt;  ///< absent: not known
  Totals told_agents = {};                      ///< of sub-agents of which only this session tells
};

/// What of the sessions a question looks at.
struct SqlSessionNeeds {
  bool titles = false;
  bool totals = false;
};

/// What the tables read. Outlives the database.
class SqlSource {
 public:
  virtual ~SqlSource() = default;

  /// The same ones each time, in the order of their session ids, as far as they have one.
  virtual std::span<const SqlLog> logs() = 0;
  /// The sessions in those logs; the view lives until the next call. Errors: those of reading.
  virtual Result<std::span<const SqlSession>> sessions(const SqlSessionNeeds& needs) = 0;
  /// The ledger in force for a log. Errors: those of reading it.
  virtual Result<Ledger> ledger(std::size_t log) = 0;
  /// Reads a log by parts. `figures`: no text of an event is looked at. Called by several threads
  /// at once. What was read and why it ended is the source's to tell; the tables go on with the
  /// next log.
  virtual void read(std::size_t log, ReadOptions options, const Parts& parts, bool figures) = 0;
  /// What a fold over a log noticed: amounts that do not count. Called by several threads at once.
  virtual void noticed(std::size_t log, std::span<const FoldNote> notes) = 0;
  /// A column is NULL that a payload might have filled, had it not been redacted. Called by several
  /// threads at once.
  virtual void lacks_payload(std::size_t log, std::string_view session_id,
                             std::uint64_t sequence_number);
};

struct SqlBlob {
  std::string_view bytes;
};
using SqlValue = std::variant<std::monostate, std::int64_t, double, std::string_view, SqlBlob>;

/// A function that statements may use beside SQLite's own: of the same values it gives the same.
struct SqlFunction {
  struct Null {};
  using Answer = std::variant<Null, std::int64_t, std::string>;

  std::string name;
  int arguments = 1;
  /// The values live until it returns. Called by the thread that asks. Errors: end the answer.
  std::function<Result<Answer>(std::span<const SqlValue>)> call;
};

struct SqlOptions {
  std::uint64_t memory_bytes_max = std::uint64_t{1} << 30;  ///< of SQLite's own
  std::vector<SqlFunction> functions = {};
};

/// A value for `:name`, `@name` or `$name`: what reads as a number is one, all else a text.
struct SqlParameter {
  std::string name;
  std::string value;
};

/// The rows of an answer, one at a time. Lives at most as long as its database.
class SqlQuery {
 public:
  SqlQuery(SqlQuery&&) noexcept;
  SqlQuery& operator=(SqlQuery&&) noexcept;
  ~SqlQuery();

  /// Each name once: of columns of one name the later ones get `:1`, `:2`.
  const std::vector<std::string>& columns() const;
  /// Goes to the next row; false: there is none. Errors: invalid (a function's, a value that is too
  /// large); io (no memory left within the limit).
  Result<bool> next();
  /// Of the row; the view lives until `next`.
  SqlValue value(std::size_t column) const;

 private:
  friend class SqlDatabase;
  struct Impl;
  explicit SqlQuery(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// One thread at a time; its tables read with others.
class SqlDatabase {
 public:
  /// `source` outlives it. Errors: io (SQLite cannot start).
  static Result<SqlDatabase> open(SqlSource& source, const SqlOptions& options);

  SqlDatabase(SqlDatabase&&) noexcept;
  SqlDatabase& operator=(SqlDatabase&&) noexcept;
  ~SqlDatabase();

  /// One statement that reads. Errors: invalid (it does not parse, with the place; it writes, or
  /// does anything else but reading; an unknown table or column, naming the nearest; a parameter
  /// that is missing, or not asked for).
  Result<SqlQuery> query(std::string_view sql, std::span<const SqlParameter> parameters = {});

  /// Writes the tables and the views, with what they hold, into the SQLite database at `path`,
  /// which is new or empty; of a query its answer alone, as the table `result`.
  /// Errors: as query; io.
  Result<void> write_to(const std::string& path);
  Result<void> write_to(const std::string& path, std::string_view sql,
                        std::span<const SqlParameter> parameters);

  /// What a reader of the answer should know, each once; so far.
  std::vector<std::string> notes() const;
  /// Amounts that were asked for, and that neither an INTEGER nor a REAL holds: they came as NULL.
  std::uint64_t inexact_amounts() const;

 private:
  friend class SqlQuery;
  struct Impl;
  explicit SqlDatabase(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The tables and views, as CREATE statements with a comment a column.
std::string sql_schema();

/// The three views for a database that holds the tables `agent_sessions` and `agent_events`:
/// "postgres", "risingwave", or "sqlite", over the tables that write_to writes.
/// Errors: invalid (another dialect).
Result<std::string> sql_views(std::string_view dialect);

}  // namespace agentstore
