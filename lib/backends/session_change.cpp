#include "backends/session_change.hpp"

#include <optional>
#include <set>

#include "agentstore/json.hpp"

namespace agentstore {
namespace {

std::string value_json(const std::optional<std::string>& value) {
  return value ? json::quote(*value) : "null";
}

std::string pair_json(const std::optional<std::string>& before,
                      const std::optional<std::string>& after) {
  return R"({"old":)" + value_json(before) + R"(,"new":)" + value_json(after) + "}";
}

std::optional<std::string> name_of(const Session& session) {
  return session.name.empty() ? std::nullopt : std::optional{session.name};
}

std::optional<std::string> label_of(const Session& session, const std::string& key) {
  const auto found = session.labels.find(key);
  return found == session.labels.end() ? std::nullopt : std::optional{found->second};
}

std::string labels_json(const Session& before, const Session& after) {
  std::set<std::string> keys;
  for (const auto& [key, value] : before.labels) keys.insert(key);
  for (const auto& [key, value] : after.labels) keys.insert(key);
  std::string out;
  for (const std::string& key : keys) {
    const auto old_value = label_of(before, key);
    const auto new_value = label_of(after, key);
    if (old_value == new_value) continue;
    out += (out.empty() ? "" : ",") + json::quote(key) + ":" + pair_json(old_value, new_value);
  }
  return out;
}

}  // namespace

Session changed_by(Session session, const SessionChange& change) {
  if (change.name) session.name = *change.name;
  for (const auto& [key, value] : change.labels) {
    if (value) session.labels[key] = *value;
    else session.labels.erase(key);
  }
  return session;
}

std::string change_payload(const Session& before, const Session& after) {
  std::string members;
  if (before.name != after.name)
    members = R"("name":)" + pair_json(name_of(before), name_of(after));
  if (const std::string labels = labels_json(before, after); !labels.empty())
    members += (members.empty() ? "" : ",") + (R"("labels":{)" + labels + "}");
  return members.empty() ? std::string{} : "{" + members + "}";
}

void apply_change(Session& session, std::string_view payload) {
  if (const auto name = json::find(payload, "name"))
    session.name = json::find_text(*name, "new").value_or("");
  const auto labels = json::find(payload, "labels");
  if (!labels || json::kind_of(*labels) != json::Kind::object) return;
  for (json::Walk walk{*labels}; walk.next();) {
    const std::string key = json::text_of(walk.key());
    if (auto value = json::find_text(walk.value(), "new")) session.labels[key] = std::move(*value);
    else session.labels.erase(key);
  }
}

}  // namespace agentstore
