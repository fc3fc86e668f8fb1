#include "formats/answers/sessions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

#include "agentstore/json.hpp"
#include "formats/answers/stats.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/session_text.hpp"
#include "formats/text/table.hpp"
#include "formats/text/units.hpp"

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
  const auto& totals = list.totals[at];
  const auto last = totals ? totals->last_event_at : std::nullopt;
  cells.push_back(time_text(last.value_or(session.updated_at), clock));
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

std::string label_json(const Session& session, const char* key) {
  const auto found = session.labels.find(key);
  return found == session.labels.end() ? "null" : json::quote(found->second);
}

std::string cost_json(const Result<std::optional<Decimal>>& cost) {
  return cost && *cost ? (*cost)->to_string() : "null";
}

// What a session came to; null where that is not known.
std::string totals_json(const std::optional<Totals>& totals) {
  if (!totals)
    return R"("first_event_at":null,"last_event_at":null,"tokens_in":null,"tokens_out":null,)"
           R"("tokens_cache_read":null,"tokens_cache_write":null,"tokens_reasoning":null,)"
           R"("cost_usd":null,"cost_computed_usd":null,"cost_total_usd":null,)"
           R"("cost_unknown_responses":null,"tool_calls":null,"errors":null,"tool_errors":null)";
  return fmt::format(
      R"("first_event_at":{},"last_event_at":{},"tokens_in":{},"tokens_out":{},)"
      R"("tokens_cache_read":{},"tokens_cache_write":{},"tokens_reasoning":{},"cost_usd":{},)"
      R"("cost_computed_usd":{},"cost_total_usd":{},"cost_unknown_responses":{},)"
      R"("tool_calls":{},"errors":{},"tool_errors":{})",
      time_json(totals->first_event_at), time_json(totals->last_event_at),
      number_json(told_tokens(*totals, totals->tokens_in)),
      number_json(told_tokens(*totals, totals->tokens_out)), number_json(totals->tokens_cache_read),
      number_json(totals->tokens_cache_write), number_json(totals->tokens_reasoning),
      cost_json(totals->cost_usd), cost_json(totals->cost_computed_usd),
      cost_json(totals->cost_total_usd()), totals->cost_unknown_responses(), totals->tool_calls,
      totals->errors, totals->tool_errors);
}

}  // namespace

void write_sessions_json(Sink& sink, std::span<const Session> sessions,
                         std::span<const std::string> titles,
                         std::span<const std::optional<Totals>> totals,
                         std::span<const std::string> stores) {
  sink.write(R"({"schema":"agentstore/sessions/1","sessions":[)");
  for (std::size_t at = 0; at < sessions.size(); ++at) {
    const Session& session = sessions[at];
    std::string more;
    if (!stores.empty()) more += ",\"store\":" + json::quote(stores[at]);
    if (!titles.empty()) {
      const std::string title = titles[at].empty() ? "null" : json::quote(titles[at]);
      more += ",\"title\":" + title + ",\"project\":" + label_json(session, project_label) +
              ",\"agent_id\":" + label_json(session, "agent_id") + ',' + totals_json(totals[at]);
    }
    std::string text = session_answer_json(session);
    text.insert(text.size() - 1, more);
    sink.write(at > 0 ? "," + text : text);
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
  if (!table.empty()) table.remark("Times: " + screen.clock.zone + ".");
  table.write(sink, screen);
}

}  // namespace agentstore::formats
