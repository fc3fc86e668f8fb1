// PostgreSQL picks the rows of a session that are wanted.

#include <algorithm>
#include <string>

#include "agentstore/timestamp.hpp"
#include "backends/postgres_line.hpp"
#include "backends/postgres_store.hpp"

namespace agentstore {
namespace {

// Before the texts of all times that are stored, and behind them.
constexpr const char* before_all_times = "";
constexpr const char* behind_all_times = "~";

// What a row counts for besides its payload and its metadata.
constexpr std::int64_t row_bytes = 200;

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0; });
}

// As LIKE takes it.
std::string like_pattern(std::string_view pattern) {
  std::string like;
  for (const char c : pattern) {
    if (c == '%' || c == '_' || c == '\\') like += '\\';
    like += c == '*' ? '%' : c;
  }
  return like;
}

// Types are in ASCII: a pattern that is not fits none.
std::string like_patterns(const std::vector<std::string>& patterns) {
  PostgresArray array;
  for (const std::string& pattern : patterns)
    if (is_ascii(pattern)) array.add(like_pattern(pattern));
  return array.text();
}

// Of an instant that no event can have, one near it: the reader looks again.
std::string time_text(Timestamp at) {
  if (at.seconds < seconds_min) return before_all_times;
  if (at.seconds > seconds_max) return behind_all_times;
  return format_rfc3339({at.seconds, std::clamp(at.nanoseconds, 0, 999'999'999)});
}

PostgresValues values_of(std::string_view id, std::int64_t from, std::int64_t to,
                         const log::Wanted& wanted) {
  PostgresValues values;
  values.add(id).add(from).add(to);
  values.add(wanted.types.empty() ? "{%}" : like_patterns(wanted.types));
  values.add(like_patterns(wanted.not_types));
  values.add(wanted.since ? time_text(*wanted.since) : before_all_times);
  values.add(wanted.until ? time_text(*wanted.until) : behind_all_times);
  values.add(static_cast<std::int64_t>(row_block_bytes)).add(row_bytes);
  return values;
}

}  // namespace

Result<bool> PostgresStore::can_pick(std::string_view id, const RowRange& range) {
  const auto rows = database_->query(
      "SELECT count(*) = greatest(0, $3::bigint - $2::bigint + 1) AND "
      "count(*) FILTER (WHERE line IS NOT NULL OR hash IS NULL) = 0 FROM @S@.events "
      "WHERE session_id = $1 AND sequence_number >= $2 AND sequence_number <= $3",
      PostgresValues{}.add(id).add(range.from + 1).add(range.to + 1));
  if (!rows) return std::unexpected(rows.error());
  return rows->is_true(0, 0);
}

// Who asks names a range, so that a plan that sorts its rows sorts no more than those. A row is
// given as long as those before it in the range are less than a block.
Result<bool> PostgresStore::pick(std::string_view id, const RowRange& range,
                                 const log::Wanted& wanted, std::string& lines,
                                 const TakeRow& take) {
  static const std::string columns = postgres_line_columns;
  static const std::string statement =
      "SELECT " + columns + ", bytes FROM (SELECT " + columns +
      ", bytes, sum(bytes) OVER (ORDER BY sequence_number) - bytes AS bytes_before FROM (SELECT " +
      columns +
      ", octet_length(payload) + octet_length(metadata) + $9::bigint AS bytes FROM @S@.events "
      "WHERE session_id = $1 AND sequence_number >= $2 AND sequence_number <= $3 "
      "AND event_type LIKE ANY ($4::text[]) AND NOT event_type LIKE ANY ($5::text[]) "
      "AND event_time COLLATE \"C\" >= $6 AND event_time COLLATE \"C\" <= $7) AS e) AS e "
      "WHERE bytes_before < $8::bigint ORDER BY sequence_number";
  const auto rows =
      database_->query(statement.c_str(), values_of(id, range.from + 1, range.to + 1, wanted));
  if (!rows) return std::unexpected(rows.error());
  std::int64_t bytes = 0;
  for (int row = 0; row < rows->size(); ++row) {
    append_row_line(lines, id, *rows, row);
    bytes += rows->integer(row, postgres_line_column_count);
    if (!take(rows->integer(row, 0) - 1, rows->integer(row, 1))) break;
  }
  return bytes < static_cast<std::int64_t>(row_block_bytes);
}

}  // namespace agentstore
