#include "backends/postgres_store.hpp"

#include <algorithm>
#include <utility>

#include "backends/naming.hpp"
#include "backends/postgres_line.hpp"
#include "backends/postgres_schema.hpp"
#include "backends/row_sessions.hpp"

namespace agentstore {
namespace {

// Of rows whose length is not known yet; then of those that a block has at the most.
constexpr std::int64_t first_rows = 8;
constexpr std::int64_t rows_max = 4096;

// Of which rows a block is made.
struct RowsWanted {
  std::int64_t rows = first_rows;
  std::int64_t bytes_max = INT64_MAX;  // where the last of them ends
};

// After so many rows that are so long together, up to that place in the log. A little more than a
// block, so that none is asked for twice; hardly more, as what is behind it is read for nothing.
RowsWanted rows_wanted(std::int64_t rows, std::uint64_t bytes, std::uint64_t end_bytes) {
  if (rows <= 0 || end_bytes >= INT64_MAX - INT32_MAX) return {};
  const auto average = static_cast<std::int64_t>(bytes) / rows + 1;
  const auto block = static_cast<std::int64_t>(row_block_bytes + row_block_bytes / 16);
  return {std::clamp(block / average + first_rows, first_rows, rows_max),
          static_cast<std::int64_t>(end_bytes) + block};
}

constexpr const char* sessions_statement =
    "SELECT id, name, labels, created_at, version, updated_at FROM @S@.sessions";

Session session_of(const PostgresRows& rows, int row) {
  Session session;
  session.id = rows.text(row, 0);
  session.name = rows.text(row, 1);
  session.labels = labels_of(rows.text(row, 2));
  session.created_at = parse_rfc3339(rows.text(row, 3)).value_or(zero_time);
  session.event_count = static_cast<std::uint64_t>(rows.integer(row, 4));
  session.updated_at = rows.is_null(row, 5)
                           ? session.created_at
                           : parse_rfc3339(rows.text(row, 5)).value_or(session.created_at);
  return session;
}

enum class Found { nothing, others, ours, outdated };

Result<Found> look_at_schema(PostgresConnection& connection, const PostgresAddress& address) {
  const auto rows = connection.query(
      "SELECT to_regclass($1 || '.agentstore_format') IS NOT NULL, "
      "EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
      "WHERE n.nspname = $2)",
      PostgresValues{}.add(postgres_identifier(address.schema)).add(address.schema));
  if (!rows) return std::unexpected(rows.error());
  if (!rows->is_true(0, 0)) return rows->is_true(0, 1) ? Found::others : Found::nothing;
  const auto format = connection.query("SELECT max(format) FROM @S@.agentstore_format");
  if (!format) return std::unexpected(format.error());
  const std::int64_t number = format->integer(0, 0);
  if (number > postgres_format)
    return fail(Code::unsupported,
                address.name + " is of format " + std::to_string(number) +
                    ", and this program knows up to " + std::to_string(postgres_format),
                "use a newer agentstore");
  return number < postgres_format ? Found::outdated : Found::ours;
}

// What an older program made is read and written as it is by whoever may not replace it: for that
// everything has to be of one owner, as whom it is done.
Result<bool> may_upgrade(PostgresConnection& connection, const PostgresAddress& address) {
  const auto rows = connection.query(
      "SELECT pg_has_role(c.relowner, 'USAGE') AND "
      "current_setting('transaction_read_only') = 'off' AND "
      "has_schema_privilege(c.relowner, n.oid, 'CREATE') AND NOT EXISTS (SELECT FROM pg_proc p "
      "WHERE p.pronamespace = n.oid AND p.proowner <> c.relowner) "
      "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
      "WHERE n.nspname = $1 AND c.relname = 'agentstore_format'",
      PostgresValues{}.add(address.schema));
  if (!rows) return std::unexpected(rows.error());
  return rows->size() > 0 && rows->is_true(0, 0);
}

}  // namespace

Result<std::shared_ptr<PostgresStore>> PostgresStore::open(std::string_view store_name,
                                                           const BackendOptions& options) {
  auto database = PostgresDatabase::open(
      store_name, {.durability = options.durability, .lock_timeout = options.lock_timeout},
      options.on_wait);
  if (!database) return std::unexpected(database.error());
  std::shared_ptr<PostgresStore> store{new PostgresStore{std::move(*database)}};
  const PostgresAddress& address = store->database_->address();
  Found found = Found::nothing;
  auto looked = store->database_->look([&](PostgresConnection& connection) -> Result<void> {
    const auto there = look_at_schema(connection, address);
    if (!there) return std::unexpected(there.error());
    found = *there;
    if (found != Found::outdated) return {};
    const auto may = may_upgrade(connection, address);
    if (!may) return std::unexpected(may.error());
    if (!*may) found = Found::ours;
    return {};
  });
  if (!looked) return std::unexpected(looked.error());
  if (found == Found::others)
    return fail(Code::invalid,
                "the schema \"" + address.schema + "\" of " + address.name +
                    " is somebody else's: it has relations, and none of a store",
                "name another one: ?schema=NAME");
  if (found == Found::ours) return store;
  if (!options.create && found == Found::nothing)
    return fail(
        Code::not_found,
        "there is no store in " + address.name + ": no schema \"" + address.schema + "\" is there",
        "create makes one");
  if (auto made = store->make_schema(options); !made) return std::unexpected(made.error());
  return store;
}

Result<void> PostgresStore::make_schema(const BackendOptions& options) {
  const PostgresAddress& address = database_->address();
  const char* told = nullptr;
  auto made = database_->write([&](PostgresConnection& connection) -> Result<void> {
    // Of several who find none, one makes it.
    if (auto locked = connection.run("SELECT pg_advisory_xact_lock(hashtext($1), 2)",
                                     PostgresValues{}.add(address.schema));
        !locked)
      return locked;
    const auto there = look_at_schema(connection, address);
    if (!there) return std::unexpected(there.error());
    if (*there == Found::ours) return {};
    const bool outdated = *there == Found::outdated;
    told = outdated ? "brought up to date the schema \"" : "made the schema \"";
    const std::string statements =
        outdated ? postgres_upgrade(address.schema) : postgres_schema(address.schema);
    return connection.run_all(statements.c_str());
  });
  if (made && told != nullptr && options.on_made)
    options.on_made(told + address.schema + "\" in " + address.name + ", format " +
                    std::to_string(postgres_format));
  return made;
}

std::string PostgresStore::name_of(std::string_view id) const {
  return "session " + std::string{id} + " (" + database_->address().name + ")";
}

Result<void> PostgresStore::read(const std::function<Result<void>()>& work) {
  return database_->read([&](PostgresConnection&) { return work(); });
}

Result<bool> PostgresStore::exists(std::string_view id) {
  const auto rows = database_->query(
      "SELECT EXISTS (SELECT FROM @S@.sessions WHERE id = $1) OR "
      "EXISTS (SELECT FROM @S@.events WHERE session_id = $1)",
      PostgresValues{}.add(id));
  if (!rows) return std::unexpected(rows.error());
  return rows->is_true(0, 0);
}

Result<Session> PostgresStore::session(std::string_view id) {
  static const std::string statement = std::string{sessions_statement} + " WHERE id = $1";
  const auto rows = database_->query(statement.c_str(), PostgresValues{}.add(id));
  if (!rows) return std::unexpected(rows.error());
  if (rows->size() == 0) return no_session(id);
  return session_of(*rows, 0);
}

Result<std::vector<Session>> PostgresStore::sessions() {
  const auto rows = database_->query(sessions_statement);
  if (!rows) return std::unexpected(rows.error());
  std::vector<Session> all;
  for (int row = 0; row < rows->size(); ++row) all.push_back(session_of(*rows, row));
  return all;
}

namespace {

Result<std::vector<std::string>> texts_of(PostgresDatabase& database, const char* statement) {
  const auto rows = database.query(statement);
  if (!rows) return std::unexpected(rows.error());
  std::vector<std::string> all;
  for (int row = 0; row < rows->size(); ++row) all.emplace_back(rows->text(row, 0));
  return all;
}

}  // namespace

Result<std::vector<std::string>> PostgresStore::ids() {
  return texts_of(*database_, "SELECT id FROM @S@.sessions");
}

// From each session to the next one: the rows between are not read.
Result<std::vector<std::string>> PostgresStore::known_ids() {
  return texts_of(*database_,
                  "WITH RECURSIVE written(id) AS (SELECT min(session_id) FROM @S@.events UNION ALL "
                  "SELECT (SELECT min(e.session_id) FROM @S@.events e WHERE e.session_id > w.id) "
                  "FROM written w WHERE w.id IS NOT NULL) "
                  "SELECT id FROM written WHERE id IS NOT NULL UNION "
                  "SELECT id FROM @S@.sessions UNION SELECT session_id FROM @S@.checkpoints");
}

Result<std::optional<std::string>> PostgresStore::holder_of(std::string_view word,
                                                            std::string_view except_id) {
  return text(
      "SELECT id FROM @S@.sessions WHERE (id = $1 OR (name = $1 AND name <> '')) AND id <> $2 "
      "ORDER BY id = $1 DESC LIMIT 1",
      PostgresValues{}.add(word).add(except_id));
}

Result<std::optional<std::string>> PostgresStore::text(const char* statement,
                                                       const PostgresValues& values) {
  const auto rows = database_->query(statement, values);
  if (!rows) return std::unexpected(rows.error());
  if (rows->size() == 0) return std::nullopt;
  return std::string{rows->text(0, 0)};
}

namespace {

const std::string end_columns =
    "(SELECT max(e.sequence_number) FROM @S@.events e WHERE e.session_id = $1) AS last, "
    "s.version, s.rewrites, "
    "(SELECT max(c.size) FROM @S@.checkpoints c WHERE c.session_id = $1) AS checkpoint";

// Of these columns, from one on.
RowEnd end_of(const PostgresRows& rows, int column) {
  return {rows.integer(0, column) - 1, rows.integer(0, column + 1) - 1,
          static_cast<std::uint64_t>(rows.integer(0, column + 2)),
          static_cast<std::uint64_t>(rows.integer(0, column + 3))};
}

}  // namespace

Result<RowEnd> PostgresStore::end(std::string_view id) {
  static const std::string statement =
      "SELECT " + end_columns + " FROM (SELECT) AS one LEFT JOIN @S@.sessions s ON s.id = $1";
  const auto rows = database_->query(statement.c_str(), PostgresValues{}.add(id));
  if (!rows) return std::unexpected(rows.error());
  return end_of(*rows, 0);
}

Result<std::uint64_t> PostgresStore::rewrites(std::string_view id) {
  const auto rows =
      database_->query("SELECT rewrites FROM @S@.sessions WHERE id = $1", PostgresValues{}.add(id));
  if (!rows) return std::unexpected(rows.error());
  return rows->size() == 0 ? 0 : static_cast<std::uint64_t>(rows->integer(0, 0));
}

// OFFSET keeps the condition on the session apart, so that of a long one no event is read.
Result<std::optional<WholeSession>> PostgresStore::short_session(std::string_view id) {
  static const std::string columns = postgres_line_columns;
  static const std::string statement =
      "SELECT " + columns + ", last, version, rewrites, checkpoint FROM (SELECT " + end_columns +
      ", s.size_bytes FROM @S@.sessions s WHERE s.id = $1) AS s LEFT JOIN LATERAL (SELECT " +
      columns +
      " FROM @S@.events WHERE session_id = $1 AND s.size_bytes <= $2::bigint "
      "ORDER BY sequence_number OFFSET 0) AS e ON true ORDER BY sequence_number";
  const auto rows = database_->query(
      statement.c_str(), PostgresValues{}.add(id).add(static_cast<std::int64_t>(row_block_bytes)));
  if (!rows) return std::unexpected(rows.error());
  if (rows->size() == 0) return std::nullopt;
  const bool has_events = !rows->is_null(0, postgres_line_column_count);
  if (rows->is_null(0, 0) && has_events) return std::nullopt;
  WholeSession whole{end_of(*rows, postgres_line_column_count), {}};
  for (int row = 0; row < rows->size() && has_events; ++row)
    append_row_line(whole.lines, id, *rows, row);
  return whole;
}

Result<RowPlace> PostgresStore::place(std::string_view id, std::int64_t version,
                                      std::uint64_t offset_bytes) {
  // Every row says where it ends: whoever reads backwards, event by event, is given one block.
  const bool at_end = offset_bytes == UINT64_MAX;
  const auto offset =
      at_end ? INT64_MAX
             : static_cast<std::int64_t>(offset_bytes / row_block_bytes * row_block_bytes);
  const auto rows = database_->query("SELECT number, end_at FROM @S@.place_before($1, $2, $3)",
                                     PostgresValues{}.add(id).add(version).add(offset));
  if (!rows) return std::unexpected(rows.error());
  if (rows->size() == 0 || rows->integer(0, 0) <= 0) return RowPlace{};
  return RowPlace{rows->integer(0, 0), static_cast<std::uint64_t>(rows->integer(0, 1))};
}

Result<void> PostgresStore::lines(std::string_view id, const RowRange& range, std::string& lines,
                                  const TakeRow& take) {
  static const std::string statement =
      std::string{"SELECT "} + postgres_line_columns +
      " FROM @S@.events WHERE session_id = $1 AND sequence_number >= $2 AND sequence_number <= $3 "
      "AND (sequence_number = $2 OR end_bytes <= $4) ORDER BY sequence_number LIMIT $5";
  PostgresConnection* const connection = database_->current();
  if (connection == nullptr)
    return database_->read(
        [&](PostgresConnection&) { return this->lines(id, range, lines, take); });
  std::int64_t next = std::max<std::int64_t>(range.from, -1) + 1;
  const std::int64_t last = range.to == INT64_MAX ? range.to : range.to + 1;
  RowsWanted wanted = range.offset_bytes
                          ? rows_wanted(range.from, *range.offset_bytes, *range.offset_bytes)
                          : RowsWanted{};
  while (next <= last) {
    const bool known = wanted.bytes_max != INT64_MAX;
    // A filter alone would not end the scan where a block ends.
    const std::int64_t until = known ? std::min(last, next + wanted.rows - 1) : last;
    const auto rows = connection->query(
        statement.c_str(),
        PostgresValues{}.add(id).add(next).add(until).add(wanted.bytes_max).add(wanted.rows));
    if (!rows) return std::unexpected(rows.error());
    // Where a row is gone, the one behind it may be longer than a block, or far away.
    if (rows->size() == 0 && !known) return {};
    const std::size_t before = lines.size();
    std::int64_t end_bytes = 0;
    for (int row = 0; row < rows->size(); ++row) {
      append_row_line(lines, id, *rows, row);
      next = rows->integer(row, 0) + 1;
      end_bytes = rows->integer(row, 1);
      if (!take(next - 2, end_bytes)) return {};
    }
    wanted =
        rows_wanted(rows->size(), lines.size() - before, static_cast<std::uint64_t>(end_bytes));
  }
  return {};
}

Result<std::string> PostgresStore::line(std::string_view id, std::uint64_t number) {
  std::string text;
  const auto version = static_cast<std::int64_t>(number) - 1;
  auto read = lines(id, {version, version}, text,
                    [](std::int64_t, const std::optional<std::int64_t>&) { return false; });
  if (!read) return std::unexpected(read.error());
  return text;
}

}  // namespace agentstore
