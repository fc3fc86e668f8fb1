#include "formats/answers/stats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "formats/answers/stats_groups.hpp"
#include "formats/text/figures.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

std::string figure(std::uint64_t number) {
  return thousands(number);
}

std::string cost_cell(const Totals& totals) {
  const std::string cost = cost_text(totals);
  return cost.empty() ? "-" : cost;
}

std::string tokens_cell(const Totals& totals, std::int64_t sum) {
  return told_tokens(totals, sum) ? thousands(sum) : "unknown";
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

void write_times(Figures& figures, const StatsAnswer& answer, const Clock& clock) {
  const Totals& totals = answer.totals;
  const auto say = [&](std::string_view name, Timestamp at) {
    figures.add(name, time_text(at, clock) + " " + clock.zone);
  };
  if (totals.first_event_at) say("first event", *totals.first_event_at);
  if (totals.last_event_at) say("last event", *totals.last_event_at);
  const auto duration = answer.session ? totals.duration_ms() : answer.sessions_duration_ms;
  if (duration)
    figures.add("duration", duration_text(*duration) +
                                (answer.session ? "" : ", the sum of each session's own"));
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
  const std::string lacking = unknown_costs_text(totals);
  figures.add("cost", cost_cell(totals) + (lacking.empty() ? "" : " " + lacking));
  figures.add("tool calls", figure(totals.tool_calls));
  figures.add("tool errors", figure(totals.tool_errors),
              totals.tool_errors > 0 ? Paint::red : Paint::none);
  figures.add("errors", figure(totals.errors), totals.errors > 0 ? Paint::red : Paint::none);
}

using Notes = std::vector<StatsNote>;

/// Why costs are not known: the commonest reasons.
void add_unpriced(Notes& notes, const Totals& totals) {
  constexpr std::size_t reasons_max = 5;
  std::vector<std::pair<std::uint64_t, std::string>> reasons;
  for (const auto& [why, count] : totals.unpriced) reasons.emplace_back(count, why);
  std::ranges::stable_sort(reasons, std::greater{}, [](const auto& one) { return one.first; });
  for (std::size_t i = 0; i < std::min(reasons.size(), reasons_max); ++i)
    notes.push_back({"  of them", figure(reasons[i].first) + ": " + reasons[i].second});
  if (reasons.size() > reasons_max)
    notes.push_back(
        {"  of them", "others for " + counted(reasons.size() - reasons_max, "more reason")});
}

void add_unknown(Notes& notes, const Totals& totals) {
  if (totals.events_without_cost > 0)
    notes.push_back({"note", counted(totals.events_without_cost, "response") +
                                 " with tokens but no cost: what they cost is unknown"});
  add_unpriced(notes, totals);
  if (const auto runs = totals.unfinished_runs(); runs > 0)
    notes.push_back({"note", counted(runs, "run") +
                                 " without a result: what was used until the end is unknown"});
  if (const auto silent =
          totals.cost_unknown_responses() - totals.events_without_cost - totals.unfinished_runs();
      silent > 0)
    notes.push_back({"note", counted(silent, "response") +
                                 " without tokens and cost: what they cost is unknown"});
  if (totals.other_events_with_tokens > 0)
    notes.push_back({"note", counted(totals.other_events_with_tokens, "event") +
                                 " of other types with tokens: not in the sums"});
}

void add_uncounted(Notes& notes, const UncountedUse& uncounted) {
  if (uncounted.copied_events > 0)
    notes.push_back(
        {"note", counted(uncounted.copied_events, "event") +
                     " of responses that another session has, too: their tokens count once"});
  if (uncounted.history_responses > 0) notes.push_back({"note", history_text(uncounted)});
  if (uncounted.lower_bounds > 0)
    notes.push_back(
        {"note", counted(uncounted.lower_bounds, "response") +
                     " of sub-agents never got the final usage: tokens out is a lower bound"});
}

void write_sub_agents(Figures& figures, const StatsAnswer& answer) {
  if (!answer.sub_agents) return;
  const Totals& totals = answer.sub_agents->totals;
  // A headless run states what it cost with all of its sub-agents.
  const bool stated_above = totals.cost_usd == Decimal{} && !totals.cost_computed_usd;
  figures.note("sub-agents",
               fmt::format("{}, apart from all above: {} tokens in, {} out, cost {}, {}",
                           figure(answer.sub_agents->agents), thousands(totals.tokens_in),
                           thousands(totals.tokens_out),
                           stated_above ? "in the session's" : cost_cell(totals),
                           counted(totals.tool_calls, "tool call")));
}

}  // namespace

std::vector<StatsNote> stats_notes(const StatsAnswer& answer) {
  std::vector<StatsNote> notes;
  add_unknown(notes, answer.totals);
  add_uncounted(notes, answer.uncounted);
  if (answer.totals.cost_computed_usd && !answer.prices.empty())
    notes.push_back({"note", "~ computed from " + answer.prices});
  return notes;
}

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
    write_times(figures, answer, screen.clock);
  } else {
    write_stats_groups(sink, answer, screen);
  }
  if (!tells_costs(answer)) return;
  write_sub_agents(figures, answer);
  for (const StatsNote& note : stats_notes(answer)) figures.note(note.name, note.text);
}

}  // namespace agentstore::formats
