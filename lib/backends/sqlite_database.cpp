#include "backends/sqlite_database.hpp"

#include <fcntl.h>
#include <sqlite3.h>

#include <new>
#include <utility>

#include "base/file.hpp"
#include "base/hex.hpp"

namespace agentstore {
namespace {

constexpr std::string_view magic{"SQLite format 3\0", 16};

Code code_of(int status) {
  switch (status & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: return Code::busy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Code::corrupt;
    case SQLITE_CONSTRAINT: return Code::conflict;
    default: return Code::io;
  }
}

// Nothing where the file may be a database: its own bytes say so, or it has none.
Result<void> check_is_database(const Path& path) {
  if (path.empty()) return fail(Code::invalid, "no database is named", "give sqlite:FILE");
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    return fail(Code::not_found, "there is no database " + path.string());
  }
  if (!std::filesystem::is_regular_file(status)) {
    return fail(Code::invalid, path.string() + " is not a file, and so no SQLite database");
  }
  System& system = linux_system();
  const auto target = std::filesystem::canonical(path, error);
  auto file = open_file(system, error ? path : target, O_RDONLY);
  if (!file) return std::unexpected(file.error());
  std::string head(magic.size(), '\0');
  const auto got = read_at(system, *file, path, 0, head.data(), head.size());
  if (!got) return std::unexpected(got.error());
  head.resize(*got);
  if (!head.empty() && head != magic)
    return fail(Code::invalid, path.string() + " is not an SQLite database");
  return {};
}

// Only its owner may read what agents said.
Result<void> make_file(const Path& path) {
  System& system = linux_system();
  const auto made = open_file(system, path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (!made) return std::unexpected(made.error());
  return sync_folder(system, path.has_parent_path() ? path.parent_path() : Path{"."});
}

// As a name by URI, of a database that nobody changes.
std::string unchanging(const std::string& path) {
  std::string name = "file:";
  for (const char c : path) {
    if (c == '?' || c == '#' || c == '%') {
      name += '%';
      append_hex(name, {&c, 1});
    } else {
      name += c;
    }
  }
  return name + "?immutable=1";
}

bool has_bytes(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return !error && size > 0;
}

}  // namespace

SqliteDatabase::SqliteDatabase(std::string path, const SqliteOptions& options)
    : path_(std::move(path)), options_(options), opened_by_(process_epoch()) {}

// In the child of a fork the connection is the parent's: it is not to be touched.
SqliteDatabase::~SqliteDatabase() {
  if (process_epoch() != opened_by_) return;
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(connection_);
}

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open(const std::filesystem::path& path,
                                                             const SqliteOptions& options) {
  auto there = check_is_database(path);
  if (!there && there.error().code == Code::not_found && options.create) there = make_file(path);
  if (!there) return std::unexpected(there.error());
  std::unique_ptr<SqliteDatabase> database{new SqliteDatabase{path.string(), options}};
  // Some names have a meaning of their own for SQLite; none that begins with a slash has.
  const std::string name = std::filesystem::absolute(path).string();
  auto connected = database->connect(name, SQLITE_OPEN_READWRITE);
  if (!connected && connected.error().code == Code::io) {
    connected = database->connect(name, SQLITE_OPEN_READONLY);
    // In a folder that may not be written SQLite cannot make what it shares with other readers.
    if (!connected && connected.error().code == Code::io && !has_bytes(name + "-wal"))
      connected = database->connect(unchanging(name), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
  }
  if (!connected) return std::unexpected(connected.error());
  return database;
}

Result<void> SqliteDatabase::connect(const std::string& name, int flags) {
  sqlite3_close(std::exchange(connection_, nullptr));
  const int status =
      sqlite3_open_v2(name.c_str(), &connection_, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  if (connection_ == nullptr) throw std::bad_alloc{};
  if (status != SQLITE_OK) return failure("open");
  sqlite3_extended_result_codes(connection_, 1);
  sqlite3_busy_timeout(connection_,
                       static_cast<int>(std::min<std::int64_t>(options_.lock_timeout.count(),
                                                               std::numeric_limits<int>::max())));
  // No word of a file that somebody sent runs code.
  sqlite3_db_config(connection_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(connection_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(connection_, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  read_only_ = sqlite3_db_readonly(connection_, "main") == 1;
  const std::string how = options_.durability == Durability::none ? "NORMAL" : "FULL";
  // Ours are more pages to a write than those of the table alone: so the journal may be longer.
  const std::string settings =
      "PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 4000; PRAGMA synchronous = " + how;
  if (auto set = run(settings.c_str()); !set) return set;
  return run("SELECT count(*) FROM sqlite_master");
}

std::unexpected<Error> SqliteDatabase::failure(const std::string& attempt) {
  const int status = sqlite3_extended_errcode(connection_);
  if ((status & 0xFF) == SQLITE_NOMEM) throw std::bad_alloc{};
  const Code code = code_of(status);
  const std::string said = sqlite3_errmsg(connection_);
  std::string message = "cannot " + attempt + " the database " + path_ + ": " + said;
  if (code == Code::corrupt) {
    if (const std::string found = own_check(); !found.empty() && found != said)
      message += " (SQLite's own check: " + found + ")";
    return fail(code, message, "bring it back from a backup");
  }
  if (code == Code::busy)
    return fail(code, message + ": another program is at work on it", "try again");
  if ((status & 0xFF) == SQLITE_CANTOPEN && has_bytes(path_ + "-wal"))
    return fail(code, message + "; its journal " + path_ + "-wal cannot be used in this folder",
                "copy both to a folder that may be written");
  return fail(code, message);
}

std::string SqliteDatabase::own_check() {
  sqlite3_stmt* check = nullptr;
  std::string found;
  if (sqlite3_prepare_v2(connection_, "PRAGMA quick_check(1)", -1, &check, nullptr) != SQLITE_OK ||
      sqlite3_step(check) != SQLITE_ROW) {
    found = sqlite3_errmsg(connection_);
  } else if (const unsigned char* const text = sqlite3_column_text(check, 0)) {
    found = reinterpret_cast<const char*>(text);
  }
  sqlite3_finalize(check);
  return found == "ok" ? std::string{} : found;
}

bool SqliteDatabase::empty_journal() {
  const std::lock_guard guard{mutex};
  SqliteQuery query{*this, "PRAGMA wal_checkpoint(TRUNCATE)"};
  const auto done = query.step();
  return done && *done && query.integer(0) == 0;
}

Result<void> SqliteDatabase::run(const char* statements) {
  if (sqlite3_exec(connection_, statements, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return failure(writing_ ? "write to" : "read");
}

// Readers and a writer do not wait for each other then. Where others hold it fast just now, the
// journal stays what it is: that is as durable.
Result<void> SqliteDatabase::go_to_journal() {
  if (read_only_) {
    return fail(Code::io, "cannot write to the database " + path_ + ": it may only be read");
  }
  sqlite3_exec(connection_, "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
  return {};
}

Result<void> SqliteDatabase::begin() {
  if (process_epoch() != opened_by_)
    return fail(Code::closed, "the database was opened before a fork",
                "open the store again in the child");
  if (depth_ > 0) return run(("SAVEPOINT depth_" + std::to_string(depth_)).c_str());
  return run(writing_ ? "BEGIN IMMEDIATE" : "BEGIN");
}

Result<void> SqliteDatabase::end(bool commit) {
  if (depth_ > 0) {
    const std::string point = "depth_" + std::to_string(depth_);
    const std::string back = commit ? std::string{} : "ROLLBACK TO " + point + "; ";
    return run((back + "RELEASE " + point).c_str());
  }
  if (commit) {
    auto done = run("COMMIT");
    if (done) return done;
    sqlite3_exec(connection_, "ROLLBACK", nullptr, nullptr, nullptr);
    return done;
  }
  // SQLite itself goes back where the disk is full.
  if (sqlite3_get_autocommit(connection_) == 0)
    sqlite3_exec(connection_, "ROLLBACK", nullptr, nullptr, nullptr);
  return {};
}

Result<void> SqliteDatabase::write(const std::function<Result<void>()>& work) {
  const std::lock_guard guard{mutex};
  const bool outermost = depth_ == 0;
  if (outermost && !prepared_) {
    if (auto ready = go_to_journal(); !ready) return ready;
  }
  if (outermost) writing_ = true;
  if (auto begun = begin(); !begun) {
    if (outermost) writing_ = false;
    return begun;
  }
  // Whatever `work` throws: nothing of it is written.
  struct Ended {
    SqliteDatabase& database;
    bool outermost;
    bool done = false;
    Result<void> with(bool commit) {
      done = true;
      --database.depth_;
      auto ended = database.end(commit);
      if (outermost) database.writing_ = false;
      return ended;
    }
    ~Ended() {
      if (!done) (void)with(false);
    }
  };
  ++depth_;
  Ended ended{*this, outermost};
  auto done = outermost && !prepared_ && prepare ? prepare() : Result<void>{};
  const bool ready = done.has_value();
  if (done) done = work();
  if (!done) {
    (void)ended.with(false);
    return done;
  }
  auto committed = ended.with(true);
  if (committed && ready && outermost) prepared_ = true;
  return committed;
}

Result<void> SqliteDatabase::read(const std::function<Result<void>()>& work) {
  const std::lock_guard guard{mutex};
  if (depth_ > 0) return work();
  if (auto begun = begin(); !begun) return begun;
  struct Over {
    SqliteDatabase& database;
    ~Over() {
      --database.depth_;
      (void)database.end(false);
    }
  };
  ++depth_;
  const Over over{*this};
  return work();
}

sqlite3_stmt* SqliteDatabase::statement(std::string_view sql) {
  if (const auto known = statements_.find(sql); known != statements_.end()) return known->second;
  sqlite3_stmt* made = nullptr;
  sqlite3_prepare_v3(connection_, sql.data(), static_cast<int>(sql.size()),
                     SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  if (made != nullptr) statements_.emplace(sql, made);
  return made;
}

SqliteQuery::SqliteQuery(SqliteDatabase& database, std::string_view sql)
    : database_(database), statement_(database.statement(sql)) {}

SqliteQuery::~SqliteQuery() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

SqliteQuery& SqliteQuery::bind(std::string_view text) {
  const char* const data = text.data() == nullptr ? "" : text.data();
  sqlite3_bind_text64(statement_, ++values_, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

SqliteQuery& SqliteQuery::bind(std::int64_t number) {
  sqlite3_bind_int64(statement_, ++values_, number);
  return *this;
}

SqliteQuery& SqliteQuery::bind_bytes(std::string_view bytes) {
  const char* const data = bytes.data() == nullptr ? "" : bytes.data();
  sqlite3_bind_blob64(statement_, ++values_, data, bytes.size(), SQLITE_STATIC);
  return *this;
}

SqliteQuery& SqliteQuery::bind_null() {
  sqlite3_bind_null(statement_, ++values_);
  return *this;
}

Result<bool> SqliteQuery::step() {
  const int status = statement_ == nullptr ? SQLITE_ERROR : sqlite3_step(statement_);
  if (status == SQLITE_ROW) return true;
  if (status == SQLITE_DONE) return false;
  return database_.failure(database_.writing_ ? "write to" : "read");
}

Result<void> SqliteQuery::run() {
  const auto stepped = step();
  if (!stepped) return std::unexpected(stepped.error());
  return {};
}

bool SqliteQuery::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t SqliteQuery::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view SqliteQuery::text(int column) const {
  // A BLOB is taken as the bytes that it is.
  if (sqlite3_column_type(statement_, column) == SQLITE_BLOB) return bytes(column);
  const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view SqliteQuery::bytes(int column) const {
  const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

}  // namespace agentstore
