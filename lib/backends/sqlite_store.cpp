#include "backends/sqlite_store.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "backends/naming.hpp"
#include "backends/row_sessions.hpp"
#include "backends/sqlite_time.hpp"
#include "base/hex.hpp"

namespace agentstore {
namespace {

constexpr std::int64_t version_max = (std::int64_t{1} << 53) - 2;

std::unexpected<Error> damaged(const std::string& name, std::int64_t version,
                               const std::string& why) {
  return fail(Code::corrupt,
              name + " is damaged at version " + std::to_string(version) + ": " + why,
              "verify it to see what is wrong", Remedy::verify);
}

}  // namespace

SqliteStore::SqliteStore(std::unique_ptr<SqliteDatabase> database)
    : database_(std::move(database)) {
  database_->prepare = [this]() -> Result<void> {
    if (auto made = make_tables(*database_); !made) return made;
    return look_again();
  };
}

Result<std::shared_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& path,
                                                       const SqliteOptions& options) {
  auto database = SqliteDatabase::open(path, options);
  if (!database) return std::unexpected(database.error());
  std::shared_ptr<SqliteStore> store{new SqliteStore{std::move(*database)}};
  const auto tables = look_at_tables(*store->database_);
  if (!tables) return std::unexpected(tables.error());
  store->tables_ = *tables;
  if (!tables->events && !options.create)
    return fail(Code::invalid, "the database " + store->database_->path() +
                                   " is of another schema: it has no table events");
  if (!tables->events) {
    auto made = store->database_->write([]() -> Result<void> { return {}; });
    if (!made) return std::unexpected(made.error());
  }
  return store;
}

std::string SqliteStore::name_of(std::string_view id) const {
  return "session " + std::string{id} + " (sqlite:" + database_->path() + ")";
}

// Another program of ours may have made our tables meanwhile.
Result<void> SqliteStore::look_again() {
  if (tables_.ours) return {};
  const auto tables = look_at_tables(*database_);
  if (!tables) return std::unexpected(tables.error());
  tables_ = *tables;
  return {};
}

Result<std::int64_t> SqliteStore::number(std::string_view sql, std::string_view id,
                                         std::int64_t otherwise) {
  SqliteQuery query{*database_, sql};
  const auto row = query.bind(id).step();
  if (!row) return std::unexpected(row.error());
  return *row && !query.is_null(0) ? query.integer(0) : otherwise;
}

Result<bool> SqliteStore::exists(std::string_view id) {
  if (auto looked = look_again(); !looked) return std::unexpected(looked.error());
  auto found = number("SELECT 1 FROM events WHERE stream_id = ? LIMIT 1", id, 0);
  if (found && *found == 0 && tables_.ours)
    found = number("SELECT 1 FROM agentstore_sessions WHERE id = ?", id, 0);
  if (found && *found == 0 && tables_.ours)
    found = number("SELECT 1 FROM agentstore_seals WHERE stream_id = ? LIMIT 1", id, 0);
  if (!found) return std::unexpected(found.error());
  return *found != 0;
}

Result<Timestamp> SqliteStore::time_of(std::string_view id, bool newest) {
  std::string sql = "SELECT e.occurred_at, ";
  sql += tables_.ours ? "s.nanoseconds FROM events e LEFT JOIN agentstore_seals s ON "
                        "s.stream_id = e.stream_id AND s.version = e.version"
                      : "NULL FROM events e";
  sql += " WHERE e.stream_id = ? ORDER BY e.version ";
  sql += newest ? "DESC LIMIT 1" : "LIMIT 1";
  SqliteQuery query{*database_, sql};
  const auto row = query.bind(id).step();
  if (!row) return std::unexpected(row.error());
  auto at = *row ? parse_iso8601(query.text(0)) : std::nullopt;
  if (!at) return zero_time;
  at->nanoseconds += static_cast<std::int32_t>(query.integer(1));
  return is_writable(*at) ? *at : zero_time;
}

Result<Session> SqliteStore::session(std::string_view id) {
  const auto there = exists(id);
  if (!there) return std::unexpected(there.error());
  if (!*there) return no_session(id);
  Session session;
  session.id = id;
  bool known = false;
  if (tables_.ours) {
    SqliteQuery query{*database_,
                      "SELECT name, labels, created_at FROM agentstore_sessions WHERE id = ?"};
    const auto row = query.bind(id).step();
    if (!row) return std::unexpected(row.error());
    known = *row;
    if (known) {
      session.name = query.text(0);
      session.labels = labels_of(query.text(1));
      session.created_at = parse_rfc3339(query.text(2)).value_or(zero_time);
    }
  }
  const auto last = number("SELECT max(version) FROM events WHERE stream_id = ?", id, -1);
  if (!last) return std::unexpected(last.error());
  session.event_count = static_cast<std::uint64_t>(std::max<std::int64_t>(*last + 1, 0));
  session.updated_at = session.created_at;
  if (*last < 0) return session;
  if (!known) {
    SqliteQuery query{
        *database_, "SELECT stream_type FROM events WHERE stream_id = ? ORDER BY version LIMIT 1"};
    const auto row = query.bind(id).step();
    if (!row) return std::unexpected(row.error());
    if (*row) session.labels["stream_type"] = query.text(0);
    const auto first = time_of(id, false);
    if (!first) return std::unexpected(first.error());
    session.created_at = *first;
  }
  const auto at = time_of(id, true);
  if (!at) return std::unexpected(at.error());
  session.updated_at = *at;
  return session;
}

Result<std::vector<std::string>> SqliteStore::ids() {
  if (auto looked = look_again(); !looked) return std::unexpected(looked.error());
  std::set<std::string> all;
  const auto add = [&](std::string_view sql) -> Result<void> {
    SqliteQuery query{*database_, sql};
    for (;;) {
      const auto row = query.step();
      if (!row) return std::unexpected(row.error());
      if (!*row) return {};
      if (!query.is_null(0)) all.emplace(query.text(0));
    }
  };
  // From each stream to the next one: the rows between are not read.
  auto added =
      add("WITH RECURSIVE streams(name) AS (SELECT min(stream_id) FROM events UNION ALL "
          "SELECT (SELECT min(stream_id) FROM events WHERE stream_id > name) FROM streams "
          "WHERE name IS NOT NULL) SELECT name FROM streams");
  if (added && tables_.ours) added = add("SELECT id FROM agentstore_sessions");
  if (added && tables_.ours)
    added = add(
        "WITH RECURSIVE streams(name) AS (SELECT min(stream_id) FROM agentstore_seals UNION ALL "
        "SELECT (SELECT min(stream_id) FROM agentstore_seals WHERE stream_id > name) FROM streams "
        "WHERE name IS NOT NULL) SELECT name FROM streams");
  if (!added) return std::unexpected(added.error());
  return std::vector<std::string>{all.begin(), all.end()};
}

Result<std::optional<std::string>> SqliteStore::id_named(std::string_view name,
                                                         std::string_view except_id) {
  if (auto looked = look_again(); !looked) return std::unexpected(looked.error());
  if (!tables_.ours || name.empty()) return std::nullopt;
  SqliteQuery query{*database_,
                    "SELECT id FROM agentstore_sessions WHERE name = ? AND id <> ? LIMIT 1"};
  const auto row = query.bind(name).bind(except_id).step();
  if (!row) return std::unexpected(row.error());
  return *row ? std::optional{std::string{query.text(0)}} : std::nullopt;
}

Result<RowEnd> SqliteStore::end(std::string_view id) {
  if (auto looked = look_again(); !looked) return std::unexpected(looked.error());
  RowEnd end;
  struct Figure {
    const char* sql;
    std::int64_t value;
  };
  std::array figures = {
      Figure{"SELECT max(version) FROM events WHERE stream_id = ?", -1},
      Figure{"SELECT max(version) FROM agentstore_seals WHERE stream_id = ?", -1},
      Figure{"SELECT rewrites FROM agentstore_sessions WHERE id = ?", 0},
      Figure{"SELECT max(size) FROM agentstore_checkpoints WHERE stream_id = ?", 0}};
  for (Figure& figure : figures) {
    if (&figure != figures.data() && !tables_.ours) break;
    const auto found = number(figure.sql, id, figure.value);
    if (!found) return std::unexpected(found.error());
    figure.value = *found;
  }
  return RowEnd{figures[0].value, figures[1].value, static_cast<std::uint64_t>(figures[2].value),
                static_cast<std::uint64_t>(figures[3].value)};
}

Result<void> SqliteStore::rows(std::string_view id, std::int64_t from, std::int64_t to,
                               const std::function<bool(const SqliteRow&)>& take) {
  std::string sql = "SELECT ";
  if (tables_.ours)
    sql.append(sqlite_columns)
        .append(
            " FROM events e LEFT JOIN agentstore_seals s ON s.stream_id = e.stream_id AND "
            "s.version = e.version");
  else sql.append(sqlite_foreign_columns).append(" FROM events e");
  sql += " WHERE e.stream_id = ? AND e.version >= ? AND e.version <= ? ORDER BY e.version";
  SqliteQuery query{*database_, sql};
  query.bind(id).bind(from).bind(to);
  for (;;) {
    const auto row = query.step();
    if (!row) return std::unexpected(row.error());
    if (!*row || !take(row_of(query, id))) return {};
  }
}

Result<void> SqliteStore::lines(std::string_view id, const RowRange& range, std::string& lines,
                                const TakeRow& take) {
  return rows(id, range.from, range.to, [&](const SqliteRow& row) {
    append_line(lines, row);
    return take(row.version, row.end_bytes);
  });
}

Result<std::string> SqliteStore::line(std::string_view id, std::int64_t version) {
  std::string text;
  auto read = rows(id, version, version, [&](const SqliteRow& row) {
    append_line(text, row);
    return false;
  });
  if (!read) return std::unexpected(read.error());
  return text;
}

Result<SqlitePosition> SqliteStore::position(std::string_view id) {
  const auto at = end(id);
  if (!at) return std::unexpected(at.error());
  if (at->due > at->version)
    return lost_events(name_of(id), "it ends at #" + std::to_string(at->version + 1) + ", and #" +
                                        std::to_string(at->due + 1) + " had been there");
  std::int64_t sealed = -1;
  if (tables_.ours) {
    const auto found = number(
        "SELECT version FROM agentstore_seals WHERE stream_id = ? AND hash IS NOT NULL "
        "ORDER BY version DESC LIMIT 1",
        id, -1);
    if (!found) return std::unexpected(found.error());
    sealed = *found;
  }
  // From the last sealed row on, which is checked: what other programs added is sealed now.
  SqlitePosition found;
  log::Position& position = found.position;
  std::optional<std::unexpected<Error>> bad;
  std::int64_t due = std::max<std::int64_t>(sealed, 0);
  const auto before = place(id, due, UINT64_MAX);
  if (!before) return std::unexpected(before.error());
  due = before->version;
  std::uint64_t& offset = position.offset_bytes = before->offset_bytes;
  std::string text;
  auto read = rows(id, due, version_max, [&](const SqliteRow& row) {
    text.clear();
    append_line(text, row);
    text.pop_back();
    log::Arena arena;
    log::Line line;
    auto error = log::parse_line(text, arena, line);
    if (!error) error = log::check_hashes(line);
    if (error) bad = damaged(name_of(id), row.version, error->message);
    else if (row.version != due)
      bad = damaged(name_of(id), row.version, "version " + std::to_string(due) + " is due there");
    if (bad) return false;
    position.head = log::head_after(line, position.head);
    position.after_unsealed = line.seal == log::Seal::unsealed;
    ++due;
    offset += text.size() + 1;
    const std::uint64_t last =
        found.places.empty() ? before->offset_bytes : found.places.back().offset_bytes;
    if (position.after_unsealed && offset >= last + row_block_bytes)
      found.places.push_back({due, offset});
    return true;
  });
  if (!read) return std::unexpected(read.error());
  if (bad) return *bad;
  position.sequence_number = position.line = static_cast<std::uint64_t>(at->version + 1);
  position.sealed = sealed >= 0;
  return found;
}

// The place behind the last row up to a version of which one is known.
Result<std::optional<RowPlace>> SqliteStore::known_place(std::string_view id,
                                                         std::int64_t version) {
  SqliteQuery query{*database_,
                    "SELECT version, end_bytes FROM agentstore_seals WHERE stream_id = ? AND "
                    "version <= ? AND end_bytes IS NOT NULL ORDER BY version DESC LIMIT 1"};
  const auto row = query.bind(id).bind(version).step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  return RowPlace{query.integer(0) + 1, static_cast<std::uint64_t>(query.integer(1))};
}

Result<RowPlace> SqliteStore::place(std::string_view id, std::int64_t version,
                                    std::uint64_t offset_bytes) {
  RowPlace found;
  if (!tables_.ours) return found;
  if (offset_bytes == UINT64_MAX) {
    const auto known = known_place(id, version - 1);
    if (!known) return std::unexpected(known.error());
    return known->value_or(found);
  }
  // Offsets rise with versions. Up to `from` nothing is better than what was found.
  for (std::int64_t from = 0; from < version;) {
    const std::int64_t middle = from + (version - from + 1) / 2;
    const auto known = known_place(id, middle - 1);
    if (!known) return std::unexpected(known.error());
    const bool behind = *known && (*known)->version > from;
    if (behind && (*known)->offset_bytes > offset_bytes) {
      version = (*known)->version - 1;
      continue;
    }
    if (behind) found = **known;
    from = middle;
  }
  return found;
}

Result<std::optional<log::StoredEvent>> SqliteStore::find_event(std::string_view id,
                                                                std::string_view event_id,
                                                                bool shared) {
  std::optional<std::int64_t> version;
  {
    SqliteQuery query{*database_,
                      "SELECT version FROM agentstore_seals WHERE stream_id = ? AND event_id = ?"};
    const auto row = query.bind(id).bind(event_id).step();
    if (!row) return std::unexpected(row.error());
    if (*row) version = query.integer(0);
  }
  if (!version) {
    SqliteQuery query{*database_,
                      "SELECT e.stream_id, e.version, s.event_id FROM events e LEFT JOIN "
                      "agentstore_seals s ON s.stream_id = e.stream_id AND s.version = e.version "
                      "WHERE e.event_id = ?"};
    const auto row = query.bind(event_id).step();
    if (!row) return std::unexpected(row.error());
    // Under the id of a session and another one beside it stands an event of that other id.
    if (!*row || !query.is_null(2)) return std::nullopt;
    if (query.text(0) != id && shared) return std::nullopt;
    if (query.text(0) != id)
      return fail(Code::conflict, "event id \"" + std::string{event_id} +
                                      "\" is taken by an event of session " +
                                      std::string{query.text(0)} +
                                      ": in a database event ids are unique over all sessions");
    version = query.integer(1);
  }
  auto text = line(id, *version);
  if (!text) return std::unexpected(text.error());
  if (!text->empty()) text->pop_back();
  log::Arena arena;
  log::Line line;
  if (const auto error = log::parse_line(*text, arena, line))
    return damaged(name_of(id), *version, error->message);
  return log::StoredEvent{line.event.sequence_number,       std::string{line.event.type},
                          std::string{line.event.metadata}, std::string{line.event.payload},
                          std::string{line.event.hash},     line.event.redacted_by != 0};
}

}  // namespace agentstore
