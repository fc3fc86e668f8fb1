#include "formats/text/session_text.hpp"

#include <fmt/format.h>

#include <string_view>

#include "agentstore/json.hpp"
#include "formats/text/json_fields.hpp"

namespace agentstore::formats {

std::string shown_name(const std::string& name, const std::string& title) {
  if (!name.empty()) return name;
  return title.empty() ? "(unnamed)" : "\"" + title + "\"";
}

std::string session_json(const Session& session) {
  return fmt::format(
      "{{\"id\":{},\"name\":{},\"labels\":{},\"created_at\":{},\"updated_at\":{},"
      "\"event_count\":{}}}",
      json::quote(session.id), json::quote(session.name), labels_json(session.labels),
      time_json(session.created_at), time_json(session.updated_at), session.event_count);
}

std::string session_answer_json(const Session& session) {
  std::string text = session_json(session);
  const std::string id = json::quote(session.id);
  text.insert(std::string_view{"{\"id\":"}.size() + id.size(), ",\"session_id\":" + id);
  text.insert(text.size() - 1, fmt::format(",\"events\":{}", session.event_count));
  return text;
}

}  // namespace agentstore::formats
