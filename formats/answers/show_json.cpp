#include <fmt/format.h>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/json.hpp"
#include "formats/answers/facts.hpp"
#include "formats/answers/show.hpp"
#include "formats/text/json_fields.hpp"

namespace agentstore::formats {
namespace {

std::string number_of(const std::optional<EventReference>& to) {
  return to ? std::to_string(to->sequence_number) : "null";
}

std::string parts_of(const ShownEvent& shown) {
  std::string out = fmt::format(R"({{"sequence_number":{})", shown.event.sequence_number);
  for (const std::string_view name : event_part_names())
    out += fmt::format(",\"{}\":{}", name, event_part(shown.event, name).value_or("null"));
  out += ",\"call\":" + number_of(shown.call) + ",\"result\":" + number_of(shown.result);
  out += ",\"duration_ms\":" + number_json(shown.outcome.duration_ms);
  out += ",\"cause\":" + number_of(shown.cause) + ",\"caused\":";
  out += array_json(shown.caused,
                    [](const EventReference& one) { return std::to_string(one.sequence_number); });
  return out + usage_members(shown.event) + '}';
}

}  // namespace

ShowJson::ShowJson(Sink& sink, std::string_view session_id) : sink_{sink}, events_{sink} {
  sink_.write(R"({"schema":"agentstore/show/1","session_id":)" + json::quote(session_id) +
              ",\"events\":");
}

void ShowJson::add(const ShownEvent& shown) {
  events_.add(shown.event.line);
  parts_ += (parts_.empty() ? "" : ",\n") + parts_of(shown);
}

void ShowJson::end() {
  events_.end();
  sink_.write(",\"parts\":[" + parts_ + "]}\n");
}

}  // namespace agentstore::formats
