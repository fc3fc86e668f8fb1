// Writing to the tables, beside what the server's own function appends.

#include <algorithm>
#include <utility>

#include "backends/naming.hpp"
#include "backends/postgres_store.hpp"
#include "backends/row_sessions.hpp"
#include "base/hex.hpp"
#include "log/encode.hpp"

namespace agentstore {
namespace {

constexpr std::size_t rows_at_a_time = 256;

const std::string* value_of(const Labels& labels, const char* key) {
  const auto found = labels.find(key);
  return found == labels.end() ? nullptr : &found->second;
}

void add_labels(PostgresValues& values, const Labels& labels) {
  values.add(labels_json(labels));
  for (const char* const key : {"agent_id", "agent_type", "user_id"}) {
    const std::string* const value = value_of(labels, key);
    if (value != nullptr) values.add(*value);
    else values.add_null();
  }
}

// The rows of lines, as arrays.
class RowArrays {
 public:
  std::size_t count = 0;

  void add(const log::Line& line, std::string_view text, std::uint64_t end_bytes) {
    const EventView& event = line.event;
    const bool sealed = line.seal != log::Seal::unsealed;
    ++count;
    numbers_.add(static_cast<std::int64_t>(event.sequence_number));
    types_.add(event.type);
    times_.add(format_rfc3339(event.timestamp));
    add_or_null(recorded_, line.recorded_at.has_value(),
                line.recorded_at ? format_rfc3339(*line.recorded_at) : std::string{});
    metadatas_.add(event.metadata);
    add_or_null(ids_, !event.event_id.empty(), event.event_id);
    add_number(firsts_, line.batch.first);
    add_number(lasts_, line.batch.last);
    payloads_.add(event.payload);
    add_number(redacted_, event.redacted_by);
    add_hex(salts_, line.salt);
    add_hex(payload_hashes_, line.payload_hash);
    if (sealed) prevs_.add_bytes(bytes_of(line.prev)), hashes_.add_bytes(bytes_of(line.hash));
    else prevs_.add_null(), hashes_.add_null();
    add_or_null(lines_, !sealed, text);
    ends_.add(static_cast<std::int64_t>(end_bytes));
  }

  PostgresValues values(std::string_view id) const {
    PostgresValues all;
    all.add(id);
    for (const PostgresArray* const array :
         {&numbers_, &ends_, &types_, &times_, &recorded_, &metadatas_, &ids_, &firsts_, &lasts_,
          &payloads_, &redacted_, &salts_, &payload_hashes_, &prevs_, &hashes_, &lines_})
      all.add(array->text());
    return all;
  }

 private:
  static void add_or_null(PostgresArray& array, bool there, std::string_view text) {
    if (there) array.add(text);
    else array.add_null();
  }
  static void add_number(PostgresArray& array, std::uint64_t number) {
    if (number != 0) array.add(static_cast<std::int64_t>(number));
    else array.add_null();
  }
  static void add_hex(PostgresArray& array, std::string_view hex) {
    if (!hex.empty()) array.add("\\x" + std::string{hex});
    else array.add_null();
  }

  PostgresArray numbers_, ends_, types_, times_, recorded_, metadatas_, ids_, firsts_, lasts_,
      payloads_, redacted_, salts_, payload_hashes_, prevs_, hashes_, lines_;
};

constexpr const char* insert_rows =
    "INSERT INTO @S@.events (session_id, sequence_number, position, end_bytes, event_type, "
    "event_time, occurred_at, recorded_at, metadata, event_id, batch_first, batch_last, payload, "
    "token_count, redacted, salt, payload_hash, prev, hash, line) "
    "SELECT $1, u.n, nextval('@S@.positions'), u.e, u.t, u.at, @S@.time_of(u.at), u.r, u.m, u.id, "
    "u.f, u.l, u.p, @S@.token_count_of(u.t, u.p, u.m), u.red, u.s, u.ph, u.prev, u.hash, u.line "
    "FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], "
    "$8::text[], $9::bigint[], $10::bigint[], $11::text[], $12::bigint[], $13::bytea[], "
    "$14::bytea[], $15::bytea[], $16::bytea[], $17::text[]) "
    "AS u(n, e, t, at, r, m, id, f, l, p, red, s, ph, prev, hash, line)";

}  // namespace

Result<void> PostgresStore::run(const char* statement, const PostgresValues& values) {
  return database_->look(
      [&](PostgresConnection& connection) { return connection.run(statement, values); });
}

std::unexpected<Error> PostgresStore::lost(std::string_view id, std::int64_t number) const {
  return lost_events(name_of(id), "#" + std::to_string(number) + " had been there");
}

std::unexpected<Error> PostgresStore::damaged(std::string_view id, std::int64_t number,
                                              std::string_view why) const {
  return fail(Code::corrupt,
              name_of(id) + " is damaged at #" + std::to_string(number) + ": " + std::string{why},
              "verify it to see what is wrong", Remedy::verify);
}

Result<void> PostgresStore::lock_names() {
  return run("SELECT @S@.lock_names()", {});
}

Result<void> PostgresStore::create(const Session& session) {
  PostgresValues values;
  values.add(session.id).add(session.name).add(format_rfc3339(session.created_at));
  add_labels(values, session.labels);
  bool made = false;
  auto done = database_->look([&](PostgresConnection& connection) -> Result<void> {
    const auto rows = connection.query(
        "INSERT INTO @S@.sessions (id, name, created_at, started_at, labels, agent_id, agent_type, "
        "user_id) SELECT $1, $2, $3, @S@.time_of($3), $4, $5, $6, $7 WHERE NOT EXISTS "
        "(SELECT FROM @S@.events WHERE session_id = $1) ON CONFLICT DO NOTHING RETURNING 1::bigint",
        values);
    if (!rows) return std::unexpected(rows.error());
    made = rows->size() > 0;
    return {};
  });
  if (done && !made) return fail(Code::conflict, "session " + session.id + " exists");
  return done;
}

Result<void> PostgresStore::rename(std::string_view id, const std::string& name,
                                   const Labels& labels) {
  PostgresValues values;
  values.add(id).add(name);
  add_labels(values, labels);
  return run(
      "UPDATE @S@.sessions SET name = $2, labels = $3, agent_id = $4, agent_type = $5, "
      "user_id = $6 WHERE id = $1",
      values);
}

Result<log::Position> PostgresStore::position(std::string_view id) {
  log::Position position;
  PostgresConnection* const connection = database_->current();
  const auto rows = connection->query(
      "SELECT version, size_bytes, head, sealed FROM @S@.sessions WHERE id = $1 FOR UPDATE",
      PostgresValues{}.add(id));
  if (!rows) return std::unexpected(rows.error());
  if (rows->size() == 0) return no_session(id);
  const std::int64_t version = rows->integer(0, 0);
  position.sequence_number = position.line = static_cast<std::uint64_t>(version);
  position.offset_bytes = static_cast<std::uint64_t>(rows->integer(0, 1));
  std::ranges::copy(rows->text(0, 2).substr(0, position.head.size()), position.head.begin());
  position.sealed = rows->is_true(0, 3);
  const auto at = end(id);
  if (!at) return std::unexpected(at.error());
  if (at->version + 1 < version) return lost(id, version);
  if (at->version + 1 > version) return damaged(id, version + 1, "its session does not know of it");
  if (version == 0) return position;
  auto text = line(id, position.sequence_number);
  if (!text) return std::unexpected(text.error());
  if (text->empty()) return damaged(id, version, "it is gone");
  text->pop_back();
  log::Arena arena;
  log::Line last;
  auto error = log::parse_line(*text, arena, last);
  if (!error) error = log::check_hashes(last);
  if (error) return damaged(id, version, error->message);
  if (last.seal != log::Seal::unsealed && last.hash != position.head)
    return damaged(id, version, not_the_head);
  position.after_unsealed = last.seal == log::Seal::unsealed;
  return position;
}

Result<void> PostgresStore::insert(std::string_view id, std::string_view lines,
                                   const log::Position& before) {
  if (lines.empty()) return {};
  PostgresConnection& connection = *database_->current();
  if (auto told = connection.run("SELECT @S@.announce_positions()", {}); !told) return told;
  log::Position after = before;
  Timestamp last_time;
  RowArrays rows;
  const auto flush = [&]() -> Result<void> {
    if (rows.count == 0) return {};
    auto stored = connection.run(insert_rows, rows.values(id));
    rows = {};
    return stored;
  };
  std::size_t bytes = 0;
  while (!lines.empty()) {
    const std::size_t size = lines.find('\n');
    const std::string_view text = lines.substr(0, size);
    lines.remove_prefix(size + 1);
    log::Arena arena;
    log::Line line;
    if (const auto error = log::parse_line(text, arena, line))
      return fail(Code::invalid, "an event cannot be stored: " + error->message);
    after.head = log::head_after(line, after.head);
    after.offset_bytes += size + 1;
    after.sequence_number = line.event.sequence_number;
    after.sealed = after.sealed || line.seal != log::Seal::unsealed;
    last_time = line.event.timestamp;
    rows.add(line, text, after.offset_bytes);
    bytes += size;
    if (rows.count < rows_at_a_time && bytes < row_block_bytes) continue;
    bytes = 0;
    if (auto stored = flush(); !stored) return stored;
  }
  if (auto stored = flush(); !stored) return stored;
  return connection.run(
      "UPDATE @S@.sessions SET version = $2, size_bytes = $3, head = decode($4, 'hex'), "
      "sealed = $5::boolean, updated_at = $6 WHERE id = $1",
      PostgresValues{}
          .add(id)
          .add(static_cast<std::int64_t>(after.sequence_number))
          .add(static_cast<std::int64_t>(after.offset_bytes))
          .add(to_hex(bytes_of(after.head)))
          .add(after.sealed)
          .add(format_rfc3339(last_time)));
}

Result<void> PostgresStore::redact(std::string_view id, std::span<const Redacted> events) {
  PostgresArray numbers, moves;
  std::int64_t moved_in_all = 0;
  for (const Redacted& event : events) {
    const auto before = line(id, event.number);
    if (!before) return std::unexpected(before.error());
    const auto at = static_cast<std::int64_t>(event.number);
    auto done = run(
        "UPDATE @S@.events SET payload = 'null', token_count = NULL, salt = NULL, redacted = $3, "
        "payload_hash = decode($4, 'hex') WHERE session_id = $1 AND sequence_number = $2",
        PostgresValues{}
            .add(id)
            .add(at)
            .add(static_cast<std::int64_t>(event.by))
            .add(event.payload_hash_hex));
    if (!done) return done;
    const auto after = line(id, event.number);
    if (!after) return std::unexpected(after.error());
    const auto moved =
        static_cast<std::int64_t>(after->size()) - static_cast<std::int64_t>(before->size());
    numbers.add(at);
    moves.add(moved);
    moved_in_all += moved;
  }
  // What is behind them has moved: each row once, however many stand before it.
  auto done = run(
      "UPDATE @S@.events e SET end_bytes = e.end_bytes + m.moved FROM (SELECT number, "
      "lead(number) OVER w AS next, sum(move) OVER w AS moved "
      "FROM unnest($2::bigint[], $3::bigint[]) AS r(number, move) WINDOW w AS (ORDER BY number)) "
      "AS m WHERE e.session_id = $1 AND e.sequence_number >= m.number "
      "AND (m.next IS NULL OR e.sequence_number < m.next)",
      PostgresValues{}.add(id).add(numbers.text()).add(moves.text()));
  if (!done) return done;
  return run("UPDATE @S@.sessions SET size_bytes = size_bytes + $2 WHERE id = $1",
             PostgresValues{}.add(id).add(moved_in_all));
}

Result<void> PostgresStore::count_rewrite(std::string_view id) {
  return run("UPDATE @S@.sessions SET rewrites = rewrites + 1 WHERE id = $1",
             PostgresValues{}.add(id));
}

Result<void> PostgresStore::forget_after(std::string_view id, std::uint64_t number) {
  std::string kept;
  auto done = lines(id, {static_cast<std::int64_t>(number), INT64_MAX}, kept,
                    [](std::int64_t, const std::optional<std::int64_t>&) { return true; });
  if (!done) return done;
  if (!kept.empty())
    done = run("INSERT INTO @S@.quarantine (session_id, lines) VALUES ($1, $2)",
               PostgresValues{}.add(id).add(kept));
  const auto at = static_cast<std::int64_t>(number);
  for (const char* const statement :
       {"DELETE FROM @S@.events WHERE session_id = $1 AND sequence_number > $2",
        "DELETE FROM @S@.checkpoints WHERE session_id = $1 AND size > $2",
        "DELETE FROM @S@.snapshots WHERE session_id = $1 AND $2::bigint IS NOT NULL"})
    if (done) done = run(statement, PostgresValues{}.add(id).add(at));
  const auto head = done ? head_at(id, number) : Result<Hash>{};
  if (!done || !head) return done ? std::unexpected(head.error()) : std::move(done);
  return run(
      "UPDATE @S@.sessions SET version = $2, rewrites = rewrites + 1, head = decode($3, 'hex'), "
      "size_bytes = COALESCE((SELECT end_bytes FROM @S@.events WHERE session_id = $1 AND "
      "sequence_number = $2), 0) WHERE id = $1",
      PostgresValues{}.add(id).add(at).add(to_hex(bytes_of(*head))));
}

// The last sealed line says it; behind that, every line has a part in it.
Result<Hash> PostgresStore::head_at(std::string_view id, std::uint64_t number) {
  Hash head{};
  std::string text;
  std::optional<std::unexpected<Error>> bad;
  auto read = lines(id, {-1, static_cast<std::int64_t>(number) - 1}, text,
                    [&](std::int64_t version, const std::optional<std::int64_t>&) {
                      log::Arena arena;
                      log::Line line;
                      text.pop_back();
                      if (const auto error = log::parse_line(text, arena, line))
                        bad = damaged(id, version + 1, error->message);
                      else head = log::head_after(line, head);
                      text.clear();
                      return !bad;
                    });
  if (!read) return std::unexpected(read.error());
  if (bad) return *bad;
  return head;
}

}  // namespace agentstore
