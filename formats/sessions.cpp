#include "formats/sessions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

#include "agentstore/json.hpp"
#include "formats/json_fields.hpp"
#include "formats/stats.hpp"
#include "formats/table.hpp"
#include "formats/units.hpp"

namespace agentstore::formats {
namespace {

constexpr const char* project_label = "project";

const std::string* project_of(const Session& session) {
  const auto found = session.labels.find(project_label);
  return found == session.labels.end() ? nullptr : &found->second;
}

std::vector<Column> columns_of(const SessionList& list, bool projects) {
  const bool adds_up = !list.totals.empty();
  std::vector<Column> columns{
      {.name = "ID", .role = Role::id},
      {.name = "NAME"},
      {.name = "EVENTS", .role = Role::number, .secondary = adds_up ? 1 : 0},
      {.name = "CREATED", .role = Role::time, .secondary = adds_up ? 4 : 0}};
  if (projects) columns.push_back({.name = "PROJECT", .secondary = 2});
  if (!adds_up) return columns;
  const std::vector<Column> more{
      {.name = "LAST ACTIVITY", .role = Role::time},
      {.name = "TOKENS IN", .role = Role::number},
      {.name = "OUT", .role = Role::number, .secondary = 3},
      {.name = "COST", .role = Role::number},
      {.name = "ERRORS", .role = Role::number, .secondary = 5, .alarming = true}};
  columns.insert(columns.end(), more.begin(), more.end());
  return columns;
}

std::string cost_cell(const Totals& totals) {
  const std::string cost = cost_text(totals);
  return cost.empty() ? "-" : cost;
}

std::string tokens_cell(const Totals& totals, std::int64_t sum) {
  const auto told = told_tokens(totals, sum);
  return !told ? "unknown" : *told == 0 ? "-" : thousands(*told);
}

// Tokens, cost and errors.
std::vector<std::string> cells_of(const std::optional<Totals>& totals) {
  if (!totals) return {"unknown", "unknown", "unknown", "unknown"};
  return {tokens_cell(*totals, totals->tokens_in), tokens_cell(*totals, totals->tokens_out),
          cost_cell(*totals), thousands(totals->errors)};
}

std::vector<std::string> cells_of(const SessionList& list, std::size_t at, bool projects,
                                  const Clock& clock) {
  const Session& session = list.sessions[at];
  std::vector<std::string> cells{session.id, shown_name(session.name, list.titles[at]),
                                 thousands(session.event_count),
                                 time_text(session.created_at, clock)};
  if (projects) {
    const std::string* const project = project_of(session);
    cells.push_back(project == nullptr ? "" : *project);
  }
  if (list.totals.empty()) return cells;
  cells.push_back(time_text(session.updated_at, clock));
  for (std::string& cell : cells_of(list.totals[at])) cells.push_back(std::move(cell));
  return cells;
}

// What those sessions came to of which that is known.
std::optional<Totals> sum_of(std::span<const std::optional<Totals>> totals) {
  Totals sum;
  for (const auto& one : totals)
    if (one && !sum.merge(*one)) return std::nullopt;
  return sum;
}

void add_total(Table& table, const SessionList& list, bool projects) {
  if (list.sessions.size() < 2) return;
  std::uint64_t events = 0;
  for (const Session& session : list.sessions) events += session.event_count;
  const auto sum = sum_of(list.totals);
  std::vector<std::string> cells{"total", counted(list.sessions.size(), "session"),
                                 thousands(events), ""};
  if (projects) cells.emplace_back();
  cells.emplace_back();
  for (std::string& cell : cells_of(sum)) cells.push_back(std::move(cell));
  table.row(std::move(cells),
            {.total = true, .tail = sum ? unknown_costs_text(*sum) : std::string{}});
}

// What a session came to; null where that is not known.
std::string totals_json(const std::optional<Totals>& totals) {
  if (!totals)
    return R"("last_event_at":null,"tokens_in":null,"tokens_out":null,"cost_total_usd":null,)"
           R"("errors":null,"tool_errors":null)";
  const auto cost = totals->cost_total_usd();
  return fmt::format(
      R"("last_event_at":{},"tokens_in":{},"tokens_out":{},"cost_total_usd":{},"errors":{},)"
      R"("tool_errors":{})",
      time_json(totals->last_event_at), number_json(told_tokens(*totals, totals->tokens_in)),
      number_json(told_tokens(*totals, totals->tokens_out)),
      cost && *cost ? (*cost)->to_string() : "null", totals->errors, totals->tool_errors);
}

}  // namespace

std::string shown_name(const std::string& name, const std::string& title) {
  if (!name.empty()) return name;
  return title.empty() ? "(unnamed)" : "\"" + title + "\"";
}

std::string session_json(const Session& session) {
  return fmt::format(
      "{{\"id\":{},\"name\":{},\"labels\":{},\"created_at\":{},\"updated_at\":{},"
      "\"event_count\":{}}}",
      json::quote(session.id), json::quote(session.name), labels_json(session.labels),
      time_json(session.created_at), time_json(session.updated_at), session.event_count);
}

void write_sessions_json(Sink& sink, std::span<const Session> sessions,
                         std::span<const std::string> titles,
                         std::span<const std::optional<Totals>> totals) {
  sink.write(R"({"schema":"agentstore/sessions/1","sessions":[)");
  for (std::size_t at = 0; at < sessions.size(); ++at) {
    if (at > 0) sink.write(",");
    std::string session = session_json(sessions[at]);
    if (!titles.empty()) {
      const std::string title = titles[at].empty() ? "null" : json::quote(titles[at]);
      session.insert(session.size() - 1, ",\"title\":" + title + ',' + totals_json(totals[at]));
    }
    sink.write(session);
  }
  sink.write("]}\n");
}

void write_sessions_text(Sink& sink, const SessionList& list, const Screen& screen) {
  assert(list.sessions.size() == list.titles.size());
  const bool projects = std::ranges::any_of(
      list.sessions, [](const Session& session) { return project_of(session) != nullptr; });
  Table table{columns_of(list, projects)};
  for (std::size_t at = 0; at < list.sessions.size(); ++at)
    table.row(cells_of(list, at, projects, screen.clock),
              {.branch = list.branches.empty() ? "" : list.branches[at]});
  if (!list.totals.empty()) add_total(table, list, projects);
  if (!table.empty()) table.remark("Times are of " + screen.clock.zone + ".");
  table.write(sink, screen);
}

}  // namespace agentstore::formats
