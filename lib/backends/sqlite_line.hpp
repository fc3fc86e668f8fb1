// A row of the table events as a line of a log, and a line as a row.
//
// What our writer sealed is the line that it sealed. A row of another program is a line in one
// spelling, over which its leaf is computed: it may never change. See agentstore-log(5).

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "backends/sqlite_database.hpp"
#include "log/line.hpp"

namespace agentstore {

/// A row with what is ours of it; views.
struct SqliteRow {
  std::string_view stream_id;
  std::int64_t version = 0;
  std::string_view event_id;
  std::string_view type;
  std::string_view data;
  std::string_view metadata;
  std::string_view occurred_at;
  // Of the table agentstore_seals, where it has a row of the same version:
  std::optional<std::string_view> true_id;  ///< where another stream has an event of that id
  std::int64_t nanoseconds = 0;             ///< of the time, those behind its microseconds
  std::string_view recorded_at;
  log::Batch batch;
  std::string_view salt;
  std::uint64_t redacted_by = 0;
  std::string_view payload_hash;
  std::string_view prev;
  std::string_view hash;                 ///< empty: the row is not sealed
  std::optional<std::string_view> line;  ///< where an unsealed line was spelled otherwise
  std::optional<std::int64_t> end_bytes = std::nullopt;  ///< of the log, behind its line
};

/// The columns that `row_of` reads, for a stream's rows `s` beside `e`.
inline constexpr std::string_view sqlite_columns =
    "e.version, e.event_id, e.event_type, e.data, e.metadata, e.occurred_at, s.event_id, "
    "s.nanoseconds, s.recorded_at, s.batch_first, s.batch_last, s.salt, s.redacted, "
    "s.payload_hash, s.prev, s.hash, s.line, s.end_bytes";
/// The same of a database that has no tables of ours.
inline constexpr std::string_view sqlite_foreign_columns =
    "e.version, e.event_id, e.event_type, e.data, e.metadata, e.occurred_at, NULL, NULL, NULL, "
    "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL";
SqliteRow row_of(const SqliteQuery& query, std::string_view stream_id);

/// Adds the row's line, with its newline.
void append_line(std::string& out, const SqliteRow& row);

/// The spelling of a line whose row no writer of ours made.
void append_foreign_line(std::string& out, const SqliteRow& row);

/// Whether another program's data is no JSON, or has values that JSON has not.
bool is_unlike_json(std::string_view data);

}  // namespace agentstore
