#include "agentstore/upcast.hpp"

#include <utility>

#include "agentstore/json.hpp"
#include "base/ids.hpp"
#include "base/json_edit.hpp"

namespace agentstore {
namespace {

const std::vector<std::string> version_member = {"schema_version"};

std::string rule_name(std::string_view type, std::int64_t from_version) {
  return "the upcast of " + std::string{type} + " from version " + std::to_string(from_version);
}

std::string event_name(const EventView& event) {
  return "event #" + std::to_string(event.sequence_number) + " of session " +
         std::string{event.session_id};
}

Result<std::int64_t> version_of(const EventView& event) {
  const auto value = json::find(event.metadata, version_member.front());
  if (!value || *value == "null") return 1;
  const auto version = json::integer_of(*value);
  if (!version) {
    return fail(Code::invalid, "the schema_version of " + event_name(event) +
                                   " is not a whole number, and there are upcasts of its type");
  }
  return *version;
}

}  // namespace

Result<void> Upcasts::add(std::string_view type, std::int64_t from_version, std::int64_t to_version,
                          Upcast upcast) {
  if (auto allowed = check_event_type(type); !allowed) return allowed;
  const std::string name = rule_name(type, from_version);
  if (to_version <= from_version) {
    return fail(Code::invalid,
                name + " leads to version " + std::to_string(to_version) + ", which is not later");
  }
  const auto [place, added] =
      rules_[std::string{type}].emplace(from_version, Rule{to_version, std::move(upcast)});
  if (!added) return fail(Code::invalid, name + " is there twice");
  return {};
}

Result<void> Upcasts::apply(EventView& event, std::deque<std::string>& arena) const {
  auto known = rules_.find(event.type);
  if (known == rules_.end()) return {};
  auto version = version_of(event);
  if (!version) return std::unexpected(version.error());
  UpcastEvent upcast{.type = std::string{event.type},
                     .payload = std::string{event.payload},
                     .redacted = event.redacted_by != 0};
  bool changed = false;
  // The version grows with each rule, also where a rule leads to another type: this ends.
  while (known != rules_.end()) {
    const auto rule = known->second.lower_bound(*version);
    if (rule == known->second.end()) break;
    auto done = rule->second.upcast(upcast);
    if (done && json::check(upcast.payload, json::rules_to_read)) {
      done = fail(Code::invalid, "it gives a payload that is not JSON");
    }
    if (!done) {
      return fail(Code::invalid, rule_name(known->first, rule->first) + " does not fit " +
                                     event_name(event) + ": " + done.error().message);
    }
    version = rule->second.to_version;
    changed = true;
    if (upcast.type != known->first) known = rules_.find(upcast.type);
  }
  if (!changed) return {};
  const std::string number = std::to_string(*version);
  const auto metadata = json::with_member(event.metadata, version_member, number);
  event.upcast = true;
  event.type = arena.emplace_back(std::move(upcast.type));
  event.payload = arena.emplace_back(std::move(upcast.payload));
  event.metadata = arena.emplace_back(metadata.value_or(R"({"schema_version":)" + number + '}'));
  return {};
}

}  // namespace agentstore
