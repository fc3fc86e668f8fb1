#include "formats/answers/state.hpp"

#include <fmt/format.h>

#include "agentstore/json.hpp"
#include "formats/text/clock.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/paint.hpp"
#include "formats/text/rules.hpp"

namespace agentstore::formats {
namespace {

std::string heading(const State& state, std::string_view name, const Point& point,
                    const Screen& screen) {
  std::string text = fmt::format("{} · {}", name, state.projection);
  // Of several sessions there is no last one.
  if (!state.session_id.empty()) text += fmt::format(" · as of #{}", state.last_sequence_number);
  if (point.at) text += ", with the events of " + time_text(*point.at, screen.clock);
  if (point.before) text += ", before " + time_text(*point.before, screen.clock);
  if (point.at || point.before) text += " " + screen.clock.zone;
  const std::string shown =
      screen.wide ? printable(text) : std::string{printable_cut(text, screen.columns)};
  return painted(shown, Paint::bold, screen.color) + "\n";
}

}  // namespace

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

void write_state_text(Sink& sink, const State& state, std::string_view name, const Point& point,
                      const Screen& screen) {
  if (screen.columns > 0) sink.write(heading(state, name, point, screen));
  sink.write(printable_json(pretty_json(state.json)) + "\n");
}

}  // namespace agentstore::formats
