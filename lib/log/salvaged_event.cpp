#include "log/salvaged_event.hpp"

#include "agentstore/json.hpp"
#include "base/ids.hpp"
#include "base/json_check.hpp"
#include "log/stored_form.hpp"

namespace agentstore::log {
namespace {

// JSON that may not be stored (with double keys, or bytes that are not UTF-8) is kept as a text.
std::string storable(std::string_view value) {
  std::string out;
  return json::check_and_compact(value, json::rules_to_store, out) ? json::quote(value) : out;
}

void add_member(std::string& object, std::string_view key, std::string_view value) {
  if (json::find(object, key)) return;  // Of an earlier salvage.
  object.pop_back();
  if (object.size() > 1) object += ',';
  object += json::quote(key) + ':' + std::string{value} + '}';
}

}  // namespace

SalvagedEvent salvaged_event(const Line& line, bool fits) {
  const EventView& event = line.event;
  SalvagedEvent made{.type = std::string{event.type},
                     .metadata = storable(event.metadata),
                     .payload = storable(event.payload)};
  if (made.metadata.front() != '{' || misfit_in_metadata(made.metadata))
    made.metadata = "{\"salvaged_metadata\":" + made.metadata + '}';
  const bool ours = event.type.starts_with(reserved_prefix);
  if (!is_event_type(event.type) || (ours && !fits)) {
    made.type = "custom";
    add_member(made.metadata, "salvaged_type", json::quote(event.type));
  }
  if (!fits) add_member(made.metadata, "salvaged", R"("seal does not fit")");
  return made;
}

}  // namespace agentstore::log
