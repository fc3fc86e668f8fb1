#include "formats/answers/overview.hpp"

#include <fmt/format.h>

#include "formats/text/escape.hpp"
#include "formats/text/table.hpp"
#include "formats/text/units.hpp"
#include "formats/text/wrap.hpp"

namespace agentstore::formats {
namespace {

/// Where a line goes on.
constexpr std::size_t indent = 9;

std::string cost_of(const Totals& totals) {
  const std::string cost = cost_text(totals);
  const std::string unknown = unknown_costs_text(totals);
  if (cost.empty()) return "-";
  return unknown.empty() ? cost : cost + " " + unknown;
}

void write_agents(Sink& sink, const OverviewAnswer& answer, const Screen& screen) {
  if (answer.agents.empty()) return;
  Table table{{{.name = "AGENT", .role = Role::key},
               {.name = "TODAY", .role = Role::number},
               {.name = "COST", .role = Role::number},
               {.name = "7 DAYS", .role = Role::number},
               {.name = "COST", .role = Role::number}}};
  for (const AgentActivity& one : answer.agents)
    table.row({one.agent.empty() ? "(not told)" : one.agent, counted(one.sessions_today, "session"),
               cost_of(one.today), counted(one.sessions_week, "session"), cost_of(one.week)});
  sink.write("\n");
  table.write(sink, screen);
  sink.write("\n");
}

std::string retention_text(const Retention& one) {
  const std::string rule =
      fmt::format("{} deletes transcripts after {}", one.agent, counted(one.days, "day"));
  if (one.sessions_soon == 0) return rule + "; none goes within a week";
  return fmt::format("{}: {} within a week, the first on {}; `agentstore keep` keeps what is here",
                     rule, counted(one.sessions_soon, "session"), one.first_day);
}

std::string verified_text(const Verified& one) {
  if (!one.age_ms) return one.store + ": not verified yet; `agentstore verify` does it";
  const std::string found = one.with_findings == 0
                                ? std::string{"nothing found"}
                                : counted(one.with_findings, "session") + " with findings";
  return fmt::format("{}: {} verified {} ago, {}", one.store, counted(one.sessions, "session"),
                     duration_text(*one.age_ms), found);
}

}  // namespace

void write_overview_text(Sink& sink, const OverviewAnswer& answer, const Screen& screen) {
  const auto line = [&](const std::string& text) {
    sink.write(wrapped(printable(text), screen, indent) + "\n");
  };
  const std::string cost = cost_text(answer.totals);
  const std::string unknown = unknown_costs_text(answer.totals);
  line(fmt::format("{}: {}, {}{}{}", answer.places, counted(answer.sessions, "session"),
                   counted(answer.totals.events, "event"), cost.empty() ? "" : ", " + cost,
                   unknown.empty() ? "" : " " + unknown));
  write_agents(sink, answer, screen);
  if (!answer.newest.empty()) line("newest:  " + answer.newest);
  for (const Retention& one : answer.retention) line("keep:    " + retention_text(one));
  for (const Verified& one : answer.stores) line("store:   " + verified_text(one));
  line("help:    `agentstore replay @` shows what it did, `agentstore --help` every command");
}

}  // namespace agentstore::formats
