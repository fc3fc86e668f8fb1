#include "formats/state.hpp"

#include <fmt/format.h>

#include "agentstore/json.hpp"
#include "formats/escape.hpp"
#include "formats/json_fields.hpp"
#include "formats/rules.hpp"

namespace agentstore::formats {

void write_state_json(Sink& sink, const State& state, const Point& point,
                      const Incomplete& incomplete, const RuleFiles& rules) {
  sink.write(
      fmt::format("{{\"schema\":\"agentstore/state/1\",\"session_id\":{},\"projection\":{},"
                  "\"last_sequence_number\":{},\"at\":{},\"before\":{},"
                  "\"incomplete\":{},\"rules\":{},\"state\":",
                  json::quote(state.session_id), json::quote(state.projection),
                  state.last_sequence_number, time_json(point.at), time_json(point.before),
                  incomplete_json(incomplete), rules_json(rules)));
  sink.write(state.json);
  sink.write("}\n");
}

void write_sessions_state_json(Sink& sink, const State& state, std::uint64_t sessions,
                               const Point& point, const Incomplete& incomplete,
                               const RuleFiles& rules) {
  sink.write(fmt::format(
      "{{\"schema\":\"agentstore/state/1\",\"session_id\":null,\"sessions\":{},\"projection\":{},"
      "\"last_sequence_number\":null,\"at\":{},\"before\":{},\"incomplete\":{},\"rules\":{},"
      "\"state\":",
      sessions, json::quote(state.projection), time_json(point.at), time_json(point.before),
      incomplete_json(incomplete), rules_json(rules)));
  sink.write(state.json);
  sink.write("}\n");
}

void write_state_text(Sink& sink, const State& state) {
  sink.write(printable_json(pretty_json(state.json)) + "\n");
}

}  // namespace agentstore::formats
