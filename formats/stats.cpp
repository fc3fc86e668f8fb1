#include "formats/stats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "formats/figures.hpp"
#include "formats/table.hpp"
#include "formats/units.hpp"

namespace agentstore::formats {
namespace {

std::string figure(std::uint64_t number) {
  return thousands(static_cast<std::int64_t>(number));
}

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

std::string cost_cell(const Totals& totals) {
  const std::string cost = cost_text(totals);
  if (!cost.empty()) return cost;
  return totals.unfinished_runs() > 0 ? "unknown" : "-";
}

std::string tokens_cell(const Totals& totals, std::int64_t sum) {
  return told_tokens(totals, sum) ? thousands(sum) : "unknown";
}

std::vector<std::string> cells_of(std::vector<std::string> keys, const Totals& totals) {
  const auto duration = totals.duration_ms();
  keys.insert(keys.end(),
              {figure(totals.events), tokens_cell(totals, totals.tokens_in),
               tokens_cell(totals, totals.tokens_out), cost_cell(totals), figure(totals.tool_calls),
               figure(totals.errors), duration ? duration_text(*duration) : "-"});
  return keys;
}

void write_groups(Sink& sink, const StatsAnswer& answer, const Screen& screen) {
  std::vector<Column> columns;
  for (const GroupKey& key : answer.groups.front().keys) {
    columns.push_back({.name = upper(key.by), .flexible = true});
  }
  for (const char* name :
       {"EVENTS", "TOKENS IN", "OUT", "COST", "TOOL CALLS", "ERRORS", "DURATION"}) {
    columns.push_back({.name = name, .align = Align::right});
  }
  Table table{std::move(columns)};
  for (const StatsGroup& group : answer.groups) {
    std::vector<std::string> keys;
    keys.reserve(group.keys.size());
    for (const GroupKey& key : group.keys) keys.push_back(key.value.value_or("(none)"));
    table.row(cells_of(std::move(keys), group.totals));
  }
  std::vector<std::string> sum(answer.groups.front().keys.size());
  sum.front() = "total";
  table.row(cells_of(std::move(sum), answer.totals));
  table.write(sink, screen);
}

void write_subject(Figures& figures, const StatsAnswer& answer) {
  if (!answer.session) {
    figures.add("sessions", figure(answer.sessions));
    return;
  }
  const Session& session = *answer.session;
  figures.add("session", session.id);
  figures.add("name", session.name.empty() ? "(unnamed)" : session.name);
  for (const auto& [key, value] : session.labels) {
    figures.add("label", fmt::format("{}={}", key, value));
  }
}

void write_figures(Figures& figures, const Totals& totals) {
  figures.add("events", figure(totals.events));
  for (const auto& [type, count] : totals.by_type) {
    figures.add("", fmt::format("{:>9}  {}", figure(count), type), Paint::dim);
  }
  figures.add("tokens in", tokens_cell(totals, totals.tokens_in));
  figures.add("  cache read", totals.tokens_cache_read);
  figures.add("  cache write", totals.tokens_cache_write);
  figures.add("tokens out", tokens_cell(totals, totals.tokens_out));
  figures.add("  reasoning", totals.tokens_reasoning);
  figures.add("cost", cost_cell(totals));
  figures.add("tool calls", figure(totals.tool_calls));
  figures.add("tool errors", figure(totals.tool_errors),
              totals.tool_errors > 0 ? Paint::red : Paint::none);
  figures.add("errors", figure(totals.errors), totals.errors > 0 ? Paint::red : Paint::none);
  if (totals.first_event_at) figures.add("first event", time_text(*totals.first_event_at) + " UTC");
  if (totals.last_event_at) figures.add("last event", time_text(*totals.last_event_at) + " UTC");
  if (const auto duration = totals.duration_ms()) figures.add("duration", duration_text(*duration));
}

/// Why costs are not known: the commonest reasons.
void write_unpriced(Figures& figures, const Totals& totals) {
  constexpr std::size_t reasons_max = 5;
  std::vector<std::pair<std::uint64_t, std::string>> reasons;
  for (const auto& [why, count] : totals.unpriced) reasons.emplace_back(count, why);
  std::ranges::stable_sort(reasons, std::greater{}, [](const auto& one) { return one.first; });
  for (std::size_t i = 0; i < std::min(reasons.size(), reasons_max); ++i)
    figures.add("  of them", figure(reasons[i].first) + ": " + reasons[i].second);
  if (reasons.size() > reasons_max)
    figures.add("  of them", "others for " + counted(reasons.size() - reasons_max, "more reason"));
}

void write_notes(Figures& figures, const Totals& totals) {
  if (totals.events_without_cost > 0) {
    figures.add("note", counted(totals.events_without_cost, "response") +
                            " with tokens but no cost: what they cost is unknown");
  }
  write_unpriced(figures, totals);
  if (const auto runs = totals.unfinished_runs(); runs > 0)
    figures.add("note",
                counted(runs, "run") + " without a result: what was used until the end is unknown");
  if (const auto silent =
          totals.cost_unknown_responses() - totals.events_without_cost - totals.unfinished_runs();
      silent > 0) {
    figures.add("note", counted(silent, "response") +
                            " without tokens and cost: what they cost is unknown");
  }
  if (totals.other_events_with_tokens > 0) {
    figures.add("note", counted(totals.other_events_with_tokens, "event") +
                            " of other types with tokens: not in the sums");
  }
}

void write_sub_agents(Figures& figures, const StatsAnswer& answer) {
  if (!answer.sub_agents) return;
  const Totals& totals = answer.sub_agents->totals;
  // A headless run states what it cost with all of its sub-agents.
  const bool stated_above = totals.cost_usd == Decimal{} && !totals.cost_computed_usd;
  figures.add("sub-agents",
              fmt::format("{}, apart from all above: {} tokens in, {} out, cost {}, {}",
                          figure(answer.sub_agents->agents), thousands(totals.tokens_in),
                          thousands(totals.tokens_out),
                          stated_above ? "in the session's" : cost_cell(totals),
                          counted(totals.tool_calls, "tool call")));
}

void write_uncounted(Figures& figures, const UncountedUse& uncounted) {
  if (uncounted.copied_events > 0)
    figures.add("note", counted(uncounted.copied_events, "event") +
                            " of responses that another session has, too: their tokens count once");
  if (uncounted.history_responses > 0) figures.add("note", history_text(uncounted));
  if (uncounted.lower_bounds > 0)
    figures.add("note",
                counted(uncounted.lower_bounds, "response") +
                    " of sub-agents never got the final usage: tokens out is a lower bound");
}

}  // namespace

std::string history_text(const UncountedUse& uncounted) {
  return fmt::format(
      "not counted: {} of the history of sessions that are not here, {} tokens in, "
      "{} out",
      counted(uncounted.history_responses, "response"), thousands(uncounted.history_tokens_in),
      thousands(uncounted.history_tokens_out));
}

void write_stats_text(Sink& sink, const StatsAnswer& answer, const Screen& screen) {
  Figures figures{sink, screen};
  if (answer.groups.empty()) {
    write_subject(figures, answer);
    write_figures(figures, answer.totals);
  } else {
    write_groups(sink, answer, screen);
  }
  write_sub_agents(figures, answer);
  write_notes(figures, answer.totals);
  write_uncounted(figures, answer.uncounted);
  if (answer.totals.cost_computed_usd && !answer.prices.empty())
    figures.add("note", "~ computed from " + answer.prices);
}

}  // namespace agentstore::formats
