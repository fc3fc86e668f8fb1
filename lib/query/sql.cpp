#include "agentstore/analysis/sql.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "agentstore/event.hpp"
#include "agentstore/internal/nearest.hpp"
#include "agentstore/json.hpp"
#include "query/numbers.hpp"
#include "query/sql_errors.hpp"
#include "query/sql_functions.hpp"
#include "query/sql_guard.hpp"
#include "query/sql_printf.hpp"
#include "query/sql_sums.hpp"
#include "query/sql_tables.hpp"
#include "query/sqlite_handles.hpp"

namespace agentstore {
namespace {

constexpr int columns_max = 1000;
constexpr int value_bytes_max = static_cast<int>(line_bytes_max);
constexpr int pattern_bytes_max = 1000;
constexpr int statement_bytes_max = 1 << 20;

using sql::Connection;
using sql::Statement;

/// "name", of the names "name" and ":name".
std::string bare(std::string name) {
  if (!name.empty() && (name[0] == ':' || name[0] == '@' || name[0] == '$')) name.erase(0, 1);
  return name;
}

/// Whether what follows a statement is another one.
bool is_blank(std::string_view tail) {
  while (!tail.empty()) {
    if (tail.starts_with("--")) {
      tail.remove_prefix(std::min(tail.find('\n'), tail.size()));
    } else if (tail.starts_with("/*")) {
      const std::size_t end = tail.find("*/");
      tail.remove_prefix(end == tail.npos ? tail.size() : end + 2);
    } else if (json::is_space(tail[0]) || tail[0] == ';') {
      tail.remove_prefix(1);
    } else {
      return false;
    }
  }
  return true;
}

/// Of names that come again, each later one with the first number that makes it new.
std::vector<std::string> unique_names(sqlite3_stmt* statement) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (int i = 0; i < sqlite3_column_count(statement); ++i) {
    const char* const text = sqlite3_column_name(statement, i);
    const std::string name = text == nullptr ? "" : text;
    std::string own = name;
    for (int number = 1; !taken.insert(own).second; ++number)
      own = name + ':' + std::to_string(number);
    names.push_back(std::move(own));
  }
  return names;
}

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? "\"\"" : std::string(1, c);
  return text + '"';
}

}  // namespace

void SqlSource::lacks_payload(std::size_t /*log*/, std::string_view /*session_id*/,
                              std::uint64_t /*sequence_number*/) {}

struct SqlDatabase::Impl {
  explicit Impl(SqlSource& source) : shared{source} {}

  sql::Shared shared;
  sql::Guard guard;
  std::vector<SqlFunction> functions;  // outlive the connection
  Connection connection;
  bool sums_amounts = false;

  Result<void> start(const SqlOptions& options);
  Result<void> run(const std::string& own);
  Result<Statement> prepare(std::string_view text);
  Result<void> bind(sqlite3_stmt* statement, std::span<const SqlParameter> parameters);
  Result<void> bind_one(sqlite3_stmt* statement, int index, const SqlParameter& parameter);
  Result<void> attach(const std::string& path);
  Result<void> finish_file();
  Result<void> copy_table(const sql::TableInfo& table);
  bool has_imported_sessions();
};

struct SqlQuery::Impl {
  SqlDatabase::Impl* database = nullptr;
  Statement statement;
  std::vector<std::string> columns;
};

Result<void> SqlDatabase::Impl::start(const SqlOptions& options) {
  shared.memory_bytes_max = options.memory_bytes_max;
  functions = options.functions;
  sqlite3* opened = nullptr;
  // With SQLITE_OPEN_MEMORY, what is attached would be in memory, too.
  const int status =
      sqlite3_open_v2(":memory:", &opened,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  connection.reset(opened);
  if (status != SQLITE_OK || !sql::add_tables(opened, shared) ||
      !sql::add_decimal_functions(opened) || !sql::add_printf(opened) ||
      !sql::add_functions(opened, functions))
    return fail(Code::io, "SQLite cannot start");
  sqlite3_hard_heap_limit64(static_cast<sqlite3_int64>(options.memory_bytes_max));
  const auto views = sql_views("sqlite");
  if (!views) return std::unexpected{views.error()};
  for (const std::string& text : {std::string{"PRAGMA cache_size = -65536"}, *views})
    if (auto done = run(text); !done) return done;
  sqlite3_limit(opened, SQLITE_LIMIT_LENGTH, value_bytes_max);
  sqlite3_limit(opened, SQLITE_LIMIT_SQL_LENGTH, statement_bytes_max);
  sqlite3_limit(opened, SQLITE_LIMIT_COLUMN, columns_max);
  sqlite3_limit(opened, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, pattern_bytes_max);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  // Text in double quotes that names no column is a mistake, and no text.
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  guard.install(opened);
  return {};
}

Result<void> SqlDatabase::Impl::run(const std::string& own) {
  const int status = sqlite3_exec(connection.get(), own.c_str(), nullptr, nullptr, nullptr);
  if (status == SQLITE_OK) return {};
  return std::unexpected{sql::error_of_run(connection.get(), status, shared.memory_bytes_max)};
}

Result<Statement> SqlDatabase::Impl::prepare(std::string_view text) {
  guard.denied.clear();
  guard.on = true;
  sqlite3_stmt* made = nullptr;
  const char* tail = nullptr;
  const int status = sqlite3_prepare_v3(connection.get(), text.data(),
                                        static_cast<int>(text.size()), 0, &made, &tail);
  guard.on = false;
  Statement statement{made};
  if (status == SQLITE_ERROR &&
      std::string_view{sqlite3_errmsg(connection.get())}.ends_with(" may not be modified"))
    return fail(Code::invalid, "SQL here only reads, and this changes a table",
                "-o FILE.db writes a database that other tools can change");
  if (status == SQLITE_AUTH || (status == SQLITE_ERROR && !guard.denied.empty()))
    return fail(Code::invalid, "SQL here only reads, and this is " + guard.denied,
                "-o FILE.db writes a database that other tools can change");
  if (status == SQLITE_TOOBIG) return fail(Code::invalid, "the SQL is longer than 1 MiB");
  if (status != SQLITE_OK) return std::unexpected{sql::error_of_statement(connection.get(), text)};
  if (made == nullptr) return fail(Code::invalid, "there is no SQL to answer");
  if (!is_blank({tail, static_cast<std::size_t>(text.data() + text.size() - tail)}))
    return fail(Code::invalid, "there is more than one statement", "ask one at a time");
  if (sqlite3_stmt_readonly(made) == 0)
    return fail(Code::invalid, "SQL here only reads, and this writes",
                "-o FILE.db writes a database that other tools can change");
  if (sqlite3_column_count(made) == 0)
    return fail(Code::invalid, "SQL here only reads, and this gives no rows");
  return statement;
}

Result<void> SqlDatabase::Impl::bind(sqlite3_stmt* statement,
                                     std::span<const SqlParameter> parameters) {
  std::vector<std::string> names;
  for (int i = 1; i <= sqlite3_bind_parameter_count(statement); ++i) {
    const char* const text = sqlite3_bind_parameter_name(statement, i);
    if (text == nullptr || text[0] == '?')
      return fail(Code::invalid, "a parameter has no name", "write :name, and --param name=value");
    names.push_back(bare(text));
    const auto given = std::ranges::find_if(
        parameters, [&](const SqlParameter& one) { return bare(one.name) == names.back(); });
    if (given == parameters.end())
      return fail(Code::invalid, "the parameter " + std::string{text} + " has no value",
                  "give it with --param " + names.back() + "=VALUE");
    if (auto bound = bind_one(statement, i, *given); !bound) return bound;
  }
  for (const SqlParameter& one : parameters) {
    if (std::ranges::find(names, bare(one.name)) != names.end()) continue;
    const std::string near = nearest(bare(one.name), names);
    return fail(Code::invalid, "the SQL has no parameter :" + bare(one.name),
                near.empty() ? "" : "did you mean " + near + '?');
  }
  return {};
}

Result<void> SqlDatabase::Impl::bind_one(sqlite3_stmt* statement, int index,
                                         const SqlParameter& parameter) {
  int status = SQLITE_OK;
  const auto number = json::check(parameter.value, json::rules_to_store) ||
                              json::kind_of(parameter.value) != json::Kind::number
                          ? Result<Number>{fail(Code::invalid, "")}
                          : exact_number(parameter.value);
  if (!number && number.error().code == Code::overflow)
    return fail(Code::invalid, "the parameter " + parameter.name + ": " + number.error().message,
                "compare texts with decimal_cmp");
  if (!number)
    status = sqlite3_bind_text64(statement, index, parameter.value.data(), parameter.value.size(),
                                 SQLITE_TRANSIENT, SQLITE_UTF8);
  else
    status = number->index() == 0 ? sqlite3_bind_int64(statement, index, std::get<0>(*number))
                                  : sqlite3_bind_double(statement, index, std::get<1>(*number));
  if (status == SQLITE_OK) return {};
  return std::unexpected{sql::error_of_run(connection.get(), status, shared.memory_bytes_max)};
}

SqlQuery::SqlQuery(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
SqlQuery::SqlQuery(SqlQuery&&) noexcept = default;
SqlQuery& SqlQuery::operator=(SqlQuery&&) noexcept = default;
SqlQuery::~SqlQuery() = default;

const std::vector<std::string>& SqlQuery::columns() const {
  return impl_->columns;
}

Result<bool> SqlQuery::next() {
  const int status = sqlite3_step(impl_->statement.get());
  if (status == SQLITE_ROW) return true;
  if (status == SQLITE_DONE) return false;
  return std::unexpected{sql::error_of_run(impl_->database->connection.get(), status,
                                           impl_->database->shared.memory_bytes_max)};
}

SqlValue SqlQuery::value(std::size_t column) const {
  sqlite3_stmt* const statement = impl_->statement.get();
  const int i = static_cast<int>(column);
  const auto bytes = [&] { return static_cast<std::size_t>(sqlite3_column_bytes(statement, i)); };
  switch (sqlite3_column_type(statement, i)) {
    case SQLITE_INTEGER: return std::int64_t{sqlite3_column_int64(statement, i)};
    case SQLITE_FLOAT: return sqlite3_column_double(statement, i);
    case SQLITE_TEXT: {
      const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
      return std::string_view{text == nullptr ? "" : text, text == nullptr ? 0 : bytes()};
    }
    case SQLITE_BLOB: {
      const auto* const blob = static_cast<const char*>(sqlite3_column_blob(statement, i));
      return SqlBlob{{blob == nullptr ? "" : blob, blob == nullptr ? 0 : bytes()}};
    }
    default: return std::monostate{};
  }
}

SqlDatabase::SqlDatabase(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
SqlDatabase::SqlDatabase(SqlDatabase&&) noexcept = default;
SqlDatabase& SqlDatabase::operator=(SqlDatabase&&) noexcept = default;
SqlDatabase::~SqlDatabase() = default;

Result<SqlDatabase> SqlDatabase::open(SqlSource& source, const SqlOptions& options) {
  auto impl = std::make_unique<Impl>(source);
  if (auto started = impl->start(options); !started) return std::unexpected{started.error()};
  return SqlDatabase{std::move(impl)};
}

bool SqlDatabase::Impl::has_imported_sessions() {
  const auto sessions = shared.source.sessions({});
  return sessions && std::ranges::any_of(*sessions, [](const SqlSession& one) {
           return one.session.labels.contains("source");
         });
}

Result<SqlQuery> SqlDatabase::query(std::string_view sql,
                                    std::span<const SqlParameter> parameters) {
  auto statement = impl_->prepare(sql);
  if (!statement) return std::unexpected{statement.error()};
  if (auto bound = impl_->bind(statement->get(), parameters); !bound)
    return std::unexpected{bound.error()};
  impl_->sums_amounts = impl_->sums_amounts || sql::sums_amounts(sql);
  auto query = std::make_unique<SqlQuery::Impl>();
  query->database = impl_.get();
  query->columns = unique_names(statement->get());
  query->statement = std::move(*statement);
  return SqlQuery{std::move(query)};
}

std::vector<std::string> SqlDatabase::notes() const {
  std::vector<std::string> notes;
  if (impl_->sums_amounts)
    notes.emplace_back(
        "a SUM over amounts is a double, and may be off in its last digits; "
        "decimal_sum over the column of the same name and _text is exact");
  if (impl_->guard.sums_tokens && impl_->has_imported_sessions())
    notes.emplace_back(
        "total_tokens_used is the sum of what is stored, also of responses that are told of "
        "repeatedly; tokens_in and tokens_out of sessions count each response once");
  return notes;
}

std::uint64_t SqlDatabase::inexact_amounts() const {
  return impl_->shared.inexact;
}

Result<void> SqlDatabase::Impl::attach(const std::string& path) {
  sqlite3_stmt* made = nullptr;
  int status = sqlite3_prepare_v2(connection.get(), "ATTACH ? AS out", -1, &made, nullptr);
  const Statement statement{made};
  if (status == SQLITE_OK) status = sqlite3_bind_text(made, 1, path.c_str(), -1, SQLITE_TRANSIENT);
  if (status == SQLITE_OK) status = sqlite3_step(made);
  if (status != SQLITE_DONE)
    return std::unexpected{sql::error_of_run(connection.get(), status, shared.memory_bytes_max)};
  // The file is a new one, and of no use until all is written.
  return run("PRAGMA out.journal_mode = OFF; PRAGMA out.synchronous = OFF; BEGIN");
}

Result<void> SqlDatabase::Impl::finish_file() {
  return run("COMMIT; DETACH out");
}

Result<void> SqlDatabase::Impl::copy_table(const sql::TableInfo& table) {
  std::string columns;
  for (const sql::ColumnInfo& column : table.columns)
    columns += (columns.empty() ? "" : ", ") + std::string{column.name} + ' ' + column.type;
  const std::string name = table.name;
  return run("CREATE TABLE out." + name + " (" + columns + "); INSERT INTO out." + name +
             " SELECT * FROM main." + name);
}

Result<void> SqlDatabase::write_to(const std::string& path) {
  sqlite3_db_config(impl_->connection.get(), SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
  if (auto attached = impl_->attach(path); !attached) return attached;
  for (const sql::TableInfo& table : sql::tables())
    if (auto copied = impl_->copy_table(table); !copied) return copied;
  if (auto indexed = impl_->run("CREATE INDEX out.events_by_session ON events (session_id, seq);"
                                "CREATE INDEX out.events_by_type ON events (type)");
      !indexed)
    return indexed;
  auto views = sql_views("sqlite");
  if (!views) return std::unexpected{views.error()};
  constexpr std::string_view create = "CREATE VIEW ";
  for (std::size_t at = views->find(create); at != views->npos; at = views->find(create, at + 1))
    views->insert(at + create.size(), "out.");
  if (auto created = impl_->run(*views); !created) return created;
  return impl_->finish_file();
}

Result<void> SqlDatabase::write_to(const std::string& path, std::string_view sql,
                                   std::span<const SqlParameter> parameters) {
  auto answer = query(sql, parameters);
  if (!answer) return std::unexpected{answer.error()};
  if (auto attached = impl_->attach(path); !attached) return attached;
  std::string columns;
  std::string places;
  for (const std::string& name : answer->columns()) {
    columns += (columns.empty() ? "" : ", ") + quoted(name);
    places += places.empty() ? "?" : ", ?";
  }
  if (auto made = impl_->run("CREATE TABLE out.result (" + columns + ")"); !made) return made;
  sqlite3_stmt* made = nullptr;
  const std::string insert = "INSERT INTO out.result VALUES (" + places + ")";
  int status = sqlite3_prepare_v2(impl_->connection.get(), insert.c_str(), -1, &made, nullptr);
  const Statement statement{made};
  while (status == SQLITE_OK) {
    const auto more = answer->next();
    if (!more) return std::unexpected{more.error()};
    if (!*more) break;
    for (int i = 0; i < static_cast<int>(answer->columns().size()); ++i)
      sqlite3_bind_value(made, i + 1, sqlite3_column_value(answer->impl_->statement.get(), i));
    status = sqlite3_step(made) == SQLITE_DONE ? sqlite3_reset(made)
                                               : sqlite3_errcode(impl_->connection.get());
  }
  if (status != SQLITE_OK)
    return std::unexpected{
        sql::error_of_run(impl_->connection.get(), status, impl_->shared.memory_bytes_max)};
  answer->impl_->statement.reset();
  return impl_->finish_file();
}

}  // namespace agentstore
