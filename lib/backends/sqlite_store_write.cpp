// Writing to the tables of a database.

#include <algorithm>
#include <utility>

#include "backends/row_sessions.hpp"
#include "backends/sqlite_store.hpp"
#include "backends/sqlite_time.hpp"
#include "base/hex.hpp"

namespace agentstore {
namespace {

constexpr std::int32_t microsecond_ns = 1000;

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

Result<void> SqliteStore::put(const Session& session) {
  const std::string labels = labels_json(session.labels);
  const std::string created_at = format_rfc3339(session.created_at);
  SqliteQuery query{*database_,
                    "INSERT INTO agentstore_sessions (id, name, labels, created_at) "
                    "VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
                    "name = excluded.name, labels = excluded.labels"};
  return query.bind(session.id).bind(session.name).bind(labels).bind(created_at).run();
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
      end_bytes / row_block_bytes != (end_bytes - text.size() - 1) / row_block_bytes;
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
  auto read = rows(id, from, INT64_MAX, [&](const SqliteRow& row) {
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

Result<void> SqliteStore::keep_places(std::string_view id, const std::vector<RowPlace>& places) {
  for (const RowPlace& place : places) {
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

}  // namespace agentstore
