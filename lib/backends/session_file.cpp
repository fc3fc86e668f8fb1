#include "backends/session_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "agentstore/internal/foreign_json.hpp"
#include "base/cursor.hpp"
#include "base/json_string.hpp"

namespace agentstore {
namespace {

// The members of a session file, found in one walk: lists read many of them.
class Members {
 public:
  explicit Members(const json::Value& object) {
    if (json::kind_of(object) != json::Kind::object) return;
    for (json::Walk walk{object}; walk.next();) {
      for (auto& [key, value] : values_)
        if (walk.key_is(key)) value = walk.value();  // Of two the last one counts.
    }
  }

  /// Empty: it is not there.
  const json::Value& value(std::string_view key) const {
    const auto is_key = [&](const auto& member) { return member.first == key; };
    return std::ranges::find_if(values_, is_key)->second;
  }
  std::optional<std::string> text(std::string_view key) const {
    const std::string_view token = value(key);
    if (token.empty() || json::kind_of(token) != json::Kind::string) return std::nullopt;
    return json::text_of(token);
  }
  std::optional<std::int64_t> integer(std::string_view key) const {
    const std::string_view token = value(key);
    if (token.empty() || json::kind_of(token) != json::Kind::number) return std::nullopt;
    return json::integer_of(token);
  }

 private:
  using Member = std::pair<std::string_view, json::Value>;
  std::array<Member, 6> values_{Member{"id", {}},   {"name", {}},        {"created_at", {}},
                                {"updated_at", {}}, {"event_count", {}}, {"labels", {}}};
};

Labels labels_from(const json::Value& object) {
  Labels labels;
  if (object.empty() || json::kind_of(object) != json::Kind::object) return labels;
  for (json::Walk walk{object}; walk.next();) {
    if (json::kind_of(walk.value()) != json::Kind::string) continue;
    labels[json::text_of(walk.key())] = json::text_of(walk.value());
  }
  return labels;
}

// The rest of a string of ASCII without escapes, and its closing quote.
bool skip_ascii(Cursor& cursor, std::string_view& into) {
  return cursor.skip_text<json::HighBytes::looked_at>(into) && cursor.skip("\"");
}

bool skip_time(Cursor& cursor, Timestamp& into) {
  std::string_view text;
  if (!skip_ascii(cursor, text)) return false;
  const auto time = parse_rfc3339(text);
  if (time) into = *time;
  return time.has_value();
}

bool skip_count(Cursor& cursor, std::uint64_t& into) {
  constexpr std::uint64_t json_integer_max = std::numeric_limits<std::int64_t>::max();
  const char* const start = cursor.at();
  const auto [at, error] = std::from_chars(start, cursor.end(), into);
  if (error != std::errc{} || (*start == '0' && at != start + 1) || into > json_integer_max)
    return false;
  cursor.go_to(at);
  return true;
}

bool skip_labels(Cursor& cursor, SessionView& into) {
  std::string_view key;
  std::string_view value;
  do {
    if (!cursor.skip("\n    \"") || !skip_ascii(cursor, key) || !cursor.skip(": \"") ||
        !skip_ascii(cursor, value))
      return false;
    if (!into.labels.empty() && into.labels.back().first >= key) return false;
    into.labels.emplace_back(key, value);
  } while (cursor.skip(","));
  return cursor.skip("\n  }");
}

}  // namespace

SessionView view_of(const Session& session) {
  return {.id = session.id,
          .name = session.name,
          .labels = {session.labels.begin(), session.labels.end()},
          .created_at = session.created_at,
          .updated_at = session.updated_at,
          .event_count = session.event_count};
}

bool read_plain_session(std::string_view text, SessionView& into) {
  Cursor cursor{text.data(), text.data() + text.size()};
  into.name = {};
  into.labels.clear();
  if (!cursor.skip("{\n  \"id\": \"") || !skip_ascii(cursor, into.id)) return false;
  if (cursor.skip(",\n  \"name\": \"") && !skip_ascii(cursor, into.name)) return false;
  if (!cursor.skip(",\n  \"created_at\": \"") || !skip_time(cursor, into.created_at)) return false;
  if (!cursor.skip(",\n  \"updated_at\": \"") || !skip_time(cursor, into.updated_at)) return false;
  if (!cursor.skip(",\n  \"event_count\": ") || !skip_count(cursor, into.event_count)) return false;
  std::uint64_t synced_events = 0;
  if (cursor.skip(",\n  \"synced_events\": ") && !skip_count(cursor, synced_events)) return false;
  if (cursor.skip(",\n  \"labels\": {") && !skip_labels(cursor, into)) return false;
  return cursor.skip("\n}") && cursor.at_end();
}

std::string session_to_json(const Session& session, std::uint64_t synced_events) {
  std::string out = "{\n  \"id\": " + json::quote(session.id);
  if (!session.name.empty()) out += ",\n  \"name\": " + json::quote(session.name);
  out += ",\n  \"created_at\": \"" + format_rfc3339_short(session.created_at) + '"';
  out += ",\n  \"updated_at\": \"" + format_rfc3339_short(session.updated_at) + '"';
  out += ",\n  \"event_count\": " + std::to_string(session.event_count);
  if (synced_events > 0) out += ",\n  \"synced_events\": " + std::to_string(synced_events);
  if (!session.labels.empty()) {
    out += ",\n  \"labels\": {";
    const char* separator = "\n";
    for (const auto& [key, value] : session.labels) {
      out += separator;
      out += "    " + json::quote(key) + ": " + json::quote(value);
      separator = ",\n";
    }
    out += "\n  }";
  }
  return out + "\n}";
}

Result<Session> session_from_json(std::string_view text) {
  json::ForeignParser parser;
  json::Value parsed;
  if (const auto error = parser.check(text, json::rules_to_read, parsed)) {
    return fail(Code::corrupt, std::string{"it "} + error->what + " (byte " +
                                   std::to_string(error->offset_bytes) + ")");
  }
  const Members members{parsed};
  const auto id = members.text("id");
  const auto created_at = members.text("created_at");
  if (!id || !created_at) return fail(Code::corrupt, "it has no \"id\" or no \"created_at\"");
  const auto created = parse_rfc3339(*created_at);
  if (!created) return fail(Code::corrupt, "its \"created_at\" is not a time");
  const auto updated = parse_rfc3339(members.text("updated_at").value_or(*created_at));
  const auto count = members.integer("event_count");
  return Session{
      .id = *id,
      .name = members.text("name").value_or(""),
      .labels = labels_from(members.value("labels")),
      .created_at = *created,
      .updated_at = updated.value_or(*created),
      .event_count = count && *count > 0 ? static_cast<std::uint64_t>(*count) : 0,
  };
}

bool is_torn_session(std::string_view text) {
  return text.empty() || text.find('\0') != text.npos;
}

std::uint64_t synced_events_in(std::string_view text) {
  json::ForeignParser parser;
  json::Value parsed;
  if (text.find("\"synced_events\"") == text.npos ||
      parser.check(text, json::rules_to_read, parsed))
    return 0;
  const auto value = json::find(parsed, "synced_events");
  if (!value || json::kind_of(*value) != json::Kind::number) return 0;
  const auto events = json::integer_of(*value);
  return events && *events > 0 ? static_cast<std::uint64_t>(*events) : 0;
}

}  // namespace agentstore
