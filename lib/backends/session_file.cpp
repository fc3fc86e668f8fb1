#include "backends/session_file.hpp"

#include "agentstore/json.hpp"

namespace agentstore {

std::string session_to_json(const Session& session) {
  std::string out = "{\n  \"id\": " + json::quote(session.id);
  if (!session.name.empty()) out += ",\n  \"name\": " + json::quote(session.name);
  out += ",\n  \"created_at\": \"" + format_rfc3339_short(session.created_at) + '"';
  out += ",\n  \"updated_at\": \"" + format_rfc3339_short(session.updated_at) + '"';
  out += ",\n  \"event_count\": " + std::to_string(session.event_count);
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
  if (const auto error = json::check(text, json::rules_to_read)) {
    return fail(Code::corrupt, std::string{"it "} + error->what + " (byte " +
                                   std::to_string(error->offset_bytes) + ")");
  }
  const auto start = text.find_first_not_of(" \t\r\n");
  text.remove_prefix(start);
  Session session;
  const auto id = json::find_text(text, "id");
  const auto created_at = json::find_text(text, "created_at");
  if (!id || !created_at) return fail(Code::corrupt, "it has no \"id\" or no \"created_at\"");
  const auto created = parse_rfc3339(*created_at);
  if (!created) return fail(Code::corrupt, "its \"created_at\" is no time");
  const auto updated = parse_rfc3339(json::find_text(text, "updated_at").value_or(*created_at));
  session.id = *id;
  session.name = json::find_text(text, "name").value_or("");
  session.created_at = *created;
  session.updated_at = updated.value_or(*created);
  const auto count = json::find_integer(text, "event_count");
  session.event_count = count && *count > 0 ? static_cast<std::uint64_t>(*count) : 0;
  if (const auto labels = json::find(text, "labels"); labels && labels->front() == '{') {
    for (json::Walk walk{*labels}; walk.next();) {
      if (json::kind_of(walk.value()) != json::Kind::string) continue;
      session.labels[json::text_of(walk.key())] = json::text_of(walk.value());
    }
  }
  return session;
}

}  // namespace agentstore
