#include "backends/sqlite_schema.hpp"

#include <array>
#include <set>
#include <string>

namespace agentstore {
namespace {

constexpr std::int64_t format = 1;

constexpr std::array columns = {"event_id", "stream_id", "stream_type", "event_type",
                                "version",  "data",      "metadata",    "occurred_at"};

constexpr const char* tables = R"(
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id TEXT NOT NULL UNIQUE,
  stream_id TEXT NOT NULL,
  stream_type TEXT NOT NULL,
  event_type TEXT NOT NULL,
  version INTEGER NOT NULL,
  data TEXT NOT NULL,
  metadata TEXT NOT NULL DEFAULT '{}',
  occurred_at TEXT NOT NULL,
  UNIQUE (stream_id, version)
);
CREATE INDEX IF NOT EXISTS idx_stream ON events (stream_id, version);
CREATE TABLE IF NOT EXISTS snapshots (
  stream_id TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  data TEXT NOT NULL,
  taken_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS agentstore_format (format INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS agentstore_sessions (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  labels TEXT NOT NULL,
  created_at TEXT NOT NULL,
  rewrites INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS agentstore_names ON agentstore_sessions (name);
CREATE TABLE IF NOT EXISTS agentstore_seals (
  stream_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  event_id TEXT,
  nanoseconds INTEGER,
  recorded_at TEXT,
  batch_first INTEGER,
  batch_last INTEGER,
  salt BLOB,
  redacted INTEGER,
  payload_hash BLOB,
  prev BLOB,
  hash BLOB,
  line TEXT,
  end_bytes INTEGER,
  PRIMARY KEY (stream_id, version)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS agentstore_event_ids ON agentstore_seals (stream_id, event_id)
  WHERE event_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS agentstore_snapshots (
  stream_id TEXT NOT NULL,
  projection TEXT NOT NULL,
  cache_key TEXT NOT NULL,
  sequence_number INTEGER NOT NULL,
  snapshot TEXT NOT NULL,
  PRIMARY KEY (stream_id, projection, cache_key, sequence_number)
);
CREATE TABLE IF NOT EXISTS agentstore_checkpoints (
  stream_id TEXT NOT NULL,
  size INTEGER NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (stream_id, size)
);
CREATE TABLE IF NOT EXISTS agentstore_quarantine (
  stream_id TEXT NOT NULL,
  lines TEXT NOT NULL,
  kept_at TEXT NOT NULL
);
INSERT INTO agentstore_format SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM agentstore_format);
)";

// Nothing where every column is there.
Result<void> check_columns(SqliteDatabase& database) {
  std::set<std::string, std::less<>> there;
  SqliteQuery query{database, "SELECT name FROM pragma_table_info('events')"};
  for (;;) {
    const auto row = query.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
    there.emplace(query.text(0));
  }
  for (const char* const column : columns) {
    if (there.contains(column)) continue;
    return fail(Code::invalid, "the database " + database.path() +
                                   " is of another schema: its table events has no column " +
                                   column);
  }
  return {};
}

Result<void> check_format(SqliteDatabase& database) {
  SqliteQuery query{database, "SELECT max(format) FROM agentstore_format"};
  const auto row = query.step();
  if (!row) return std::unexpected(row.error());
  if (!*row || query.integer(0) <= format) return {};
  return fail(Code::unsupported,
              "the database " + database.path() + " is of format " +
                  std::to_string(query.integer(0)) + ", and this program knows up to " +
                  std::to_string(format),
              "use a newer agentstore");
}

}  // namespace

Result<SqliteTables> look_at_tables(SqliteDatabase& database) {
  SqliteTables found;
  std::string other;
  {
    SqliteQuery query{database,
                      "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"};
    for (;;) {
      const auto row = query.step();
      if (!row) return std::unexpected(row.error());
      if (!*row) break;
      const std::string_view name = query.text(0);
      if (name == "events" && query.text(1) == "table") found.events = true;
      else if (name == "agentstore_seals") found.ours = true;
      else if (!name.starts_with("sqlite_")) other = name;
    }
  }
  if (!found.events && !other.empty())
    return fail(Code::invalid,
                "the database " + database.path() +
                    " is of another schema: it has no table events, but " + other,
                "give a database of an event store, or a path that does not exist");
  if (found.events)
    if (auto fits = check_columns(database); !fits) return std::unexpected(fits.error());
  if (found.ours)
    if (auto known = check_format(database); !known) return std::unexpected(known.error());
  return found;
}

Result<void> make_tables(SqliteDatabase& database) {
  return database.run(tables);
}

}  // namespace agentstore
