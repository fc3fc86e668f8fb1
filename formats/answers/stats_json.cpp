#include <fmt/format.h>

#include <iterator>
#include <span>

#include "agentstore/json.hpp"
#include "formats/answers/stats.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/rules.hpp"

namespace agentstore::formats {
namespace {

std::string money_json(const std::optional<Decimal>& money) {
  return money ? money->to_string() : "null";
}

// With what sub-agents, if any, cost; null where that is not known.
std::string total_json(const Totals& totals, const std::optional<SubAgents>& sub_agents) {
  const auto own = totals.cost_total_usd();
  if (!own || !*own || !sub_agents) return own ? money_json(*own) : "null";
  const auto theirs = sub_agents->totals.cost_total_usd();
  if (!theirs || !*theirs) return "null";
  const auto sum = (*own)->plus(**theirs);
  return sum ? sum->to_string() : "null";
}

// The fields from `events` to `duration_ms`.
void append_totals(std::string& out, const Totals& totals,
                   const std::optional<SubAgents>& sub_agents = std::nullopt) {
  const auto to = std::back_inserter(out);
  fmt::format_to(to, "\"events\":{},\"by_type\":{}", totals.events, counts_json(totals.by_type));
  fmt::format_to(to, ",\"tool_calls\":{},\"errors\":{},\"tool_errors\":{}", totals.tool_calls,
                 totals.errors, totals.tool_errors);
  fmt::format_to(to, ",\"tokens_in\":{},\"tokens_out\":{}",
                 number_json(told_tokens(totals, totals.tokens_in)),
                 number_json(told_tokens(totals, totals.tokens_out)));
  fmt::format_to(to, ",\"tokens_cache_read\":{},\"tokens_cache_write\":{},\"tokens_reasoning\":{}",
                 number_json(totals.tokens_cache_read), number_json(totals.tokens_cache_write),
                 number_json(totals.tokens_reasoning));
  fmt::format_to(to, ",\"cost_usd\":{},\"cost_computed_usd\":{},\"events_without_cost\":{}",
                 money_json(totals.cost_usd), money_json(totals.cost_computed_usd),
                 totals.events_without_cost);
  const auto known = totals.cost_known_usd();
  fmt::format_to(to, ",\"cost_known_usd\":{},\"cost_total_usd\":{},\"cost_unknown_responses\":{}",
                 known ? known->to_string() : "null", total_json(totals, sub_agents),
                 totals.cost_unknown_responses());
  fmt::format_to(to, ",\"first_event_at\":{},\"last_event_at\":{},\"duration_ms\":{}",
                 time_json(totals.first_event_at), time_json(totals.last_event_at),
                 number_json(totals.duration_ms()));
}

std::string group_json(const StatsGroup& group) {
  std::string out;
  out += "{\"by\":" + object_json(group.keys, [](const auto& key) {
           return json::quote(key.by) + ':' + text_json(key.value);
         });
  for (const GroupKey& key : group.keys)
    if (key.by == "session")
      out += ",\"name\":" + json::quote(key.name) +
             ",\"title\":" + (key.title.empty() ? "null" : json::quote(key.title));
  out += ',';
  append_totals(out, group.totals);
  const InSessions& in = group.in_sessions;
  const Durations& durations = in.tool_durations;
  fmt::format_to(std::back_inserter(out),
                 ",\"sessions\":{},\"sessions_duration_ms\":{},\"calls\":{},\"failed\":{},"
                 "\"duration_ms_sum\":{},\"duration_ms_p50\":{},\"duration_ms_p95\":{},"
                 "\"duration_ms_max\":{}",
                 in.sessions, number_json(in.duration_ms), group.totals.tool_calls,
                 group.totals.tool_errors, number_json(durations.sum_ms()),
                 number_json(durations.percentile_ms(50)), number_json(durations.percentile_ms(95)),
                 number_json(durations.max_ms()));
  return out + '}';
}

}  // namespace

void write_stats_json(Sink& sink, const StatsAnswer& answer) {
  std::string out = R"({"schema":"agentstore/stats/1")";
  const auto& session = answer.session;
  fmt::format_to(
      std::back_inserter(out), ",\"session_id\":{},\"name\":{},\"labels\":{},\"sessions\":{},",
      session ? json::quote(session->id) : "null", session ? json::quote(session->name) : "null",
      session ? labels_json(session->labels) : "null", answer.sessions);
  append_totals(out, answer.totals, answer.sub_agents);
  out += ",\"sessions_duration_ms\":" + number_json(answer.sessions_duration_ms);
  out += ",\"incomplete\":" + incomplete_json(answer.incomplete) + ",\"sub_agents\":";
  if (answer.sub_agents) {
    fmt::format_to(std::back_inserter(out), "{{\"agents\":{},", answer.sub_agents->agents);
    append_totals(out, answer.sub_agents->totals);
    out += '}';
  } else {
    out += "null";
  }
  fmt::format_to(std::back_inserter(out), ",\"lower_bound_responses\":{}",
                 answer.uncounted.lower_bounds);
  const auto shown = std::span{answer.groups}.first(answer.groups.size() - answer.left_out);
  out += ",\"rules\":" + rules_json(answer.rules) + ",\"groups\":" + array_json(shown, group_json);
  if (answer.left_out > 0)
    fmt::format_to(std::back_inserter(out), ",\"groups_left_out\":{}", answer.left_out);
  sink.write(out + "}\n");
}

}  // namespace agentstore::formats
