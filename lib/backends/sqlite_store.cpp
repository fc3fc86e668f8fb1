#include "backends/sqlite_store.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "agentstore/json.hpp"
#include "backends/sqlite_time.hpp"
#include "base/hex.hpp"

namespace agentstore {
namespace {

constexpr std::int64_t version_max = (std::int64_t{1} << 53) - 2;
constexpr std::int32_t microsecond_ns = 1000;

std::string labels_json(const Labels& labels) {
  std::string out = "{";
  for (const auto& [key, value] : labels) {
    if (out.size() > 1) out += ',';
    json::append_quoted(out, key);
    out += ':';
    json::append_quoted(out, value);
  }
  return out + '}';
}

Labels labels_of(std::string_view text) {
  Labels labels;
  if (json::check(text, json::rules_to_read)) return labels;
  for (json::Walk walk{text}; walk.next();) {
    if (json::kind_of(walk.value()) == json::Kind::string)
      labels.insert_or_assign(json::text_of(walk.key()), json::text_of(walk.value()));
  }
  return labels;
}

std::unexpected<Error> damaged(const std::string& name, std::int64_t version,
                               const std::string& why) {
  return fail(Code::corrupt,
              name + " is damaged at version " + std::to_string(version) + ": " + why,
              "verify it to see what is wrong", Remedy::verify);
}

std::optional<std::int64_t> number_or_null(std::uint64_t number) {
  if (number == 0) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

std::string bytes_of_hex(std::string_view hex) {
  std::string bytes(hex.size() / 2, '\0');
  from_hex(hex, reinterpret_cast<unsigned char*>(bytes.data()), bytes.size());
  return bytes;
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
  if (!*there) return fail(Code::not_found, "there is no session \"" + std::string{id} + "\"");
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

Result<void> SqliteStore::put(const Session& session) {
  const std::string labels = labels_json(session.labels);
  const std::string created_at = format_rfc3339(session.created_at);
  SqliteQuery query{*database_,
                    "INSERT INTO agentstore_sessions (id, name, labels, created_at) "
                    "VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
                    "name = excluded.name, labels = excluded.labels"};
  return query.bind(session.id).bind(session.name).bind(labels).bind(created_at).run();
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

Result<SqliteEnd> SqliteStore::end(std::string_view id) {
  if (auto looked = look_again(); !looked) return std::unexpected(looked.error());
  SqliteEnd end;
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
  return SqliteEnd{figures[0].value, figures[1].value, static_cast<std::uint64_t>(figures[2].value),
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
  if (at->due > at->version) {
    return fail(Code::corrupt,
                name_of(id) + " has lost events: it ends at #" + std::to_string(at->version + 1) +
                    ", and #" + std::to_string(at->due + 1) + " had been there",
                "bring the database back from a backup, or accept the loss in a repair",
                Remedy::accept_loss);
  }
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
  const auto before = place(id, due);
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
    if (position.after_unsealed && offset >= last + sqlite_block_bytes)
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
Result<std::optional<SqlitePlace>> SqliteStore::known_place(std::string_view id,
                                                            std::int64_t version) {
  SqliteQuery query{*database_,
                    "SELECT version, end_bytes FROM agentstore_seals WHERE stream_id = ? AND "
                    "version <= ? AND end_bytes IS NOT NULL ORDER BY version DESC LIMIT 1"};
  const auto row = query.bind(id).bind(version).step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  return SqlitePlace{query.integer(0) + 1, static_cast<std::uint64_t>(query.integer(1))};
}

Result<SqlitePlace> SqliteStore::place(std::string_view id, std::int64_t version,
                                       std::uint64_t offset_bytes) {
  SqlitePlace found;
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

Result<void> SqliteStore::keep_places(std::string_view id, const std::vector<SqlitePlace>& places) {
  for (const SqlitePlace& place : places) {
    SqliteQuery query{*database_,
                      "INSERT INTO agentstore_seals (stream_id, version, end_bytes) "
                      "VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET end_bytes = excluded.end_bytes"};
    auto done = query.bind(id)
                    .bind(place.version - 1)
                    .bind(static_cast<std::int64_t>(place.offset_bytes))
                    .run();
    if (!done) return done;
  }
  return {};
}

Result<std::optional<log::StoredEvent>> SqliteStore::find_event(std::string_view id,
                                                                std::string_view event_id) {
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

Result<std::string> SqliteStore::free_event_id(std::string_view id, std::uint64_t number,
                                               std::string_view event_id) {
  const std::string prefix = std::string{id} + '/';
  std::string by_number = prefix + '#' + std::to_string(number);
  if (event_id.empty()) return by_number;
  for (std::string candidate : {std::string{event_id}, prefix + std::string{event_id}}) {
    SqliteQuery query{*database_, "SELECT 1 FROM events WHERE event_id = ?"};
    const auto taken = query.bind(candidate).step();
    if (!taken) return std::unexpected(taken.error());
    if (!*taken) return candidate;
  }
  return by_number;
}

Result<void> SqliteStore::insert(std::string_view stream_type, std::string_view lines,
                                 std::uint64_t offset_bytes) {
  while (!lines.empty()) {
    const std::size_t size = lines.find('\n');
    offset_bytes += size + 1;
    auto done = insert_line(stream_type, lines.substr(0, size), offset_bytes);
    if (!done) return done;
    lines.remove_prefix(size + 1);
  }
  return {};
}

Result<void> SqliteStore::insert_line(std::string_view stream_type, std::string_view text,
                                      std::uint64_t end_bytes) {
  log::Arena arena;
  log::Line line;
  if (const auto error = log::parse_line(text, arena, line))
    return fail(Code::invalid, "an event cannot be stored: " + error->message);
  const EventView& event = line.event;
  auto event_id = free_event_id(event.session_id, event.sequence_number, event.event_id);
  if (!event_id) return std::unexpected(event_id.error());
  const bool redacted = line.seal == log::Seal::redacted;
  const std::string occurred_at = occurred_at_text(event.timestamp);
  const std::string recorded_at = line.recorded_at ? format_rfc3339(*line.recorded_at) : "";
  const std::string salt = bytes_of_hex(line.salt);
  const std::string payload_hash = bytes_of_hex(line.payload_hash);
  SqliteRow row{.stream_id = event.session_id,
                .version = static_cast<std::int64_t>(event.sequence_number) - 1,
                .event_id = *event_id,
                .type = event.type,
                .data = redacted ? std::string_view{"{}"} : std::string_view{event.payload},
                .metadata = event.metadata,
                .occurred_at = occurred_at,
                .true_id = std::nullopt,
                .nanoseconds = event.timestamp.nanoseconds % microsecond_ns,
                .recorded_at = recorded_at,
                .batch = line.batch,
                .salt = salt,
                .redacted_by = event.redacted_by,
                .payload_hash = payload_hash,
                .prev = {},
                .hash = {},
                .line = std::nullopt};
  if (*event_id != event.event_id) row.true_id = event.event_id;
  const bool sealed = line.seal != log::Seal::unsealed;
  // Of unsealed lines, which may have no row of ours, some say where they end.
  const bool of_block =
      end_bytes / sqlite_block_bytes != (end_bytes - text.size() - 1) / sqlite_block_bytes;
  if (sealed || of_block) row.end_bytes = static_cast<std::int64_t>(end_bytes);
  if (sealed) {
    row.prev = bytes_of(line.prev);
    row.hash = bytes_of(line.hash);
  }
  std::string spelled;
  append_line(spelled, row);
  spelled.pop_back();
  if (spelled != text) {
    if (sealed) return fail(Code::invalid, "an event cannot be stored as it is spelled");
    row.line = text;
  }
  return insert_row(row, stream_type);
}

Result<void> SqliteStore::insert_row(const SqliteRow& row, std::string_view stream_type) {
  SqliteQuery events{*database_,
                     "INSERT INTO events (event_id, stream_id, stream_type, event_type, version, "
                     "data, metadata, occurred_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"};
  auto done = events.bind(row.event_id)
                  .bind(row.stream_id)
                  .bind(stream_type)
                  .bind(row.type)
                  .bind(row.version)
                  .bind(row.data)
                  .bind(row.metadata)
                  .bind(row.occurred_at)
                  .run();
  const bool plain =
      row.hash.empty() && !row.true_id && !row.line && row.nanoseconds == 0 && !row.end_bytes;
  if (!done || plain) return done;
  const auto bind_bytes = [](SqliteQuery& query, std::string_view bytes) {
    if (bytes.empty()) query.bind_null();
    else query.bind_bytes(bytes);
  };
  SqliteQuery seals{*database_,
                    "INSERT INTO agentstore_seals (stream_id, version, event_id, nanoseconds, "
                    "recorded_at, batch_first, batch_last, redacted, line, end_bytes, salt, "
                    "payload_hash, prev, hash) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
  seals.bind(row.stream_id)
      .bind(row.version)
      .bind(row.true_id)
      .bind(row.nanoseconds)
      .bind(row.recorded_at.empty() ? std::nullopt : std::optional{row.recorded_at})
      .bind(number_or_null(row.batch.first))
      .bind(number_or_null(row.batch.last))
      .bind(number_or_null(row.redacted_by))
      .bind(row.line)
      .bind(row.end_bytes);
  for (const std::string_view bytes : {row.salt, row.payload_hash, row.prev, row.hash})
    bind_bytes(seals, bytes);
  return seals.run();
}

Result<void> SqliteStore::redact(std::string_view id, std::int64_t version, std::uint64_t by,
                                 std::string_view payload_hash_hex) {
  const auto before = line(id, version);
  if (!before) return std::unexpected(before.error());
  SqliteQuery events{*database_,
                     "UPDATE events SET data = '{}' WHERE stream_id = ? AND version = ?"};
  if (auto done = events.bind(id).bind(version).run(); !done) return done;
  const std::string payload_hash = bytes_of_hex(payload_hash_hex);
  SqliteQuery seals{*database_,
                    "UPDATE agentstore_seals SET salt = NULL, redacted = ?, payload_hash = ? "
                    "WHERE stream_id = ? AND version = ?"};
  auto done = seals.bind(static_cast<std::int64_t>(by))
                  .bind_bytes(payload_hash)
                  .bind(id)
                  .bind(version)
                  .run();
  if (!done) return done;
  const auto after = line(id, version);
  if (!after) return std::unexpected(after.error());
  // What is behind it has moved.
  SqliteQuery places{*database_,
                     "UPDATE agentstore_seals SET end_bytes = end_bytes + ? "
                     "WHERE stream_id = ? AND version >= ? AND end_bytes IS NOT NULL"};
  return places
      .bind(static_cast<std::int64_t>(after->size()) - static_cast<std::int64_t>(before->size()))
      .bind(id)
      .bind(version)
      .run();
}

Result<void> SqliteStore::quarantine(std::string_view id, std::int64_t from) {
  std::string lines;
  auto read = rows(id, from, version_max, [&](const SqliteRow& row) {
    append_line(lines, row);
    return true;
  });
  if (!read || lines.empty()) return read;
  const std::string at = format_rfc3339(now());
  SqliteQuery query{*database_,
                    "INSERT INTO agentstore_quarantine (stream_id, lines, kept_at) "
                    "VALUES (?, ?, ?)"};
  return query.bind(id).bind(lines).bind(at).run();
}

Result<void> SqliteStore::count_rewrite(std::string_view id) {
  const auto known = session(id);
  if (!known) return std::unexpected(known.error());
  if (auto done = put(*known); !done) return done;
  SqliteQuery query{*database_,
                    "UPDATE agentstore_sessions SET rewrites = rewrites + 1 WHERE id = ?"};
  return query.bind(id).run();
}

}  // namespace agentstore
