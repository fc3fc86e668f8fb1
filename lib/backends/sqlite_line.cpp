#include "backends/sqlite_line.hpp"

#include <algorithm>
#include <array>

#include "agentstore/json.hpp"
#include "backends/row_log.hpp"
#include "backends/sqlite_time.hpp"
#include "base/hex.hpp"
#include "base/json_check.hpp"
#include "base/sha256.hpp"
#include "log/encode.hpp"

namespace agentstore {
namespace {

// What Python writes, and JSON has not.
constexpr std::array<std::string_view, 3> not_numbers = {"NaN", "Infinity", "-Infinity"};

// Another program's JSON text, as a line has it.
struct Value {
  std::string json;
  bool faithful = true;  // it is the text, but for white space
};

// The text with each of those words as a string.
std::string with_words_quoted(std::string_view text) {
  std::string out;
  bool inside = false;  // of a string
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (inside && text[i] == '\\' && i + 1 < text.size()) {
      out += text[i++];
    } else if (text[i] == '"') {
      inside = !inside;
    } else if (!inside) {
      const auto word = std::ranges::find_if(
          not_numbers, [&](std::string_view each) { return text.substr(i).starts_with(each); });
      if (word != not_numbers.end()) {
        (out += '"').append(*word) += '"';
        i += word->size() - 1;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

Value value_of(std::string_view text) {
  Value value;
  if (!json::check_and_compact(text, json::rules_to_read, value.json)) return value;
  value.faithful = false;
  if (!json::check_and_compact(with_words_quoted(text), json::rules_to_read, value.json))
    return value;
  value.json = json::quote(text);
  return value;
}

void append_member(std::string& out, std::string_view key, std::string_view text) {
  out.append(",\"").append(key).append("\":");
  json::append_quoted(out, text);
}

void append_hash(std::string& out, std::string_view key, std::string_view text) {
  append_member(out, key, to_hex(bytes_of(sha256({text}))));
}

std::string quoted_time(const SqliteRow& row) {
  auto at = parse_iso8601(row.occurred_at);
  if (!at) return json::quote(row.occurred_at);
  at->nanoseconds += static_cast<std::int32_t>(row.nanoseconds);
  return is_writable(*at) ? '"' + format_rfc3339(*at) + '"' : json::quote(row.occurred_at);
}

void append_beginning(std::string& out, const SqliteRow& row) {
  out += R"({"session_id":)";
  json::append_quoted(out, row.stream_id);
  out += R"(,"sequence_number":)" + std::to_string(row.version + 1);
  append_member(out, "type", row.type);
}

void append_sealed_line(std::string& out, const SqliteRow& row) {
  append_beginning(out, row);
  out += R"(,"timestamp":)" + quoted_time(row);
  if (!row.recorded_at.empty()) append_member(out, "recorded_at", row.recorded_at);
  out.append(R"(,"metadata":)").append(row.metadata);
  append_member(out, "event_id", row.true_id.value_or(row.event_id));
  if (row.batch != log::Batch{})
    out += R"(,"batch":[)" + std::to_string(row.batch.first) + ',' +
           std::to_string(row.batch.last) + ']';
  if (row.redacted_by != 0) {
    out += R"(,"payload":null,"redacted":)" + std::to_string(row.redacted_by);
    append_member(out, "payload_hash", to_hex(row.payload_hash));
  } else {
    out.append(R"(,"payload":)").append(row.data);
    append_member(out, "salt", to_hex(row.salt));
  }
  append_member(out, "prev", to_hex(row.prev));
  append_member(out, "hash", to_hex(row.hash));
  out += '}';
}

// A line that was spelled otherwise still is the row's, as long as nobody changed the row.
bool is_line_of(std::string_view text, const SqliteRow& row) {
  log::Arena arena;
  log::Line line;
  if (log::parse_line(text, arena, line) || line.seal != log::Seal::unsealed) return false;
  const auto at = parse_iso8601(row.occurred_at);
  return line.event.session_id == row.stream_id && line.event.type == row.type &&
         line.event.sequence_number == static_cast<std::uint64_t>(row.version) + 1 &&
         line.event.payload == row.data && line.event.metadata == row.metadata && at &&
         occurred_at_text(line.event.timestamp) == occurred_at_text(*at);
}

}  // namespace

SqliteRow row_of(const SqliteQuery& query, std::string_view stream_id) {
  SqliteRow row{.stream_id = stream_id,
                .version = query.integer(0),
                .event_id = query.text(1),
                .type = query.text(2),
                .data = query.text(3),
                .metadata = query.text(4),
                .occurred_at = query.text(5),
                .true_id = std::nullopt,
                .nanoseconds = query.integer(7),
                .recorded_at = query.text(8),
                .batch = {static_cast<std::uint64_t>(query.integer(9)),
                          static_cast<std::uint64_t>(query.integer(10))},
                .salt = query.bytes(11),
                .redacted_by = static_cast<std::uint64_t>(query.integer(12)),
                .payload_hash = query.bytes(13),
                .prev = query.bytes(14),
                .hash = query.bytes(15),
                .line = std::nullopt};
  if (!query.is_null(6)) row.true_id = query.text(6);
  if (!query.is_null(16)) row.line = query.text(16);
  if (!query.is_null(17)) row.end_bytes = query.integer(17);
  return row;
}

void append_foreign_line(std::string& out, const SqliteRow& row) {
  append_beginning(out, row);
  const Value payload = value_of(row.data);
  Value metadata = value_of(row.metadata);
  if (json::kind_of(metadata.json) != json::Kind::object) {
    metadata.json = R"({"row_metadata":)" + json::quote(row.metadata) + '}';
    metadata.faithful = false;
  }
  out += R"(,"payload":)" + payload.json;
  out += R"(,"timestamp":)" + quoted_time(row);
  out += R"(,"metadata":)" + metadata.json;
  const std::string_view id = row.true_id.value_or(row.event_id);
  if (!id.empty()) append_member(out, "row_event_id", id);
  if (!payload.faithful) append_hash(out, "row_data_sha256", row.data);
  if (!metadata.faithful) append_hash(out, "row_metadata_sha256", row.metadata);
  out += "}\n";
}

void append_line(std::string& out, const SqliteRow& row) {
  const std::size_t start = out.size();
  if (!row.hash.empty()) {
    append_sealed_line(out, row);
  } else if (row.line && is_line_of(*row.line, row)) {
    out += *row.line;
  } else {
    append_foreign_line(out, row);
    return;
  }
  end_row_line(out, start);
}

bool is_unlike_json(std::string_view data) {
  return json::check(data, json::rules_to_read).has_value();
}

}  // namespace agentstore
