#include "formats/sessions.hpp"

#include <fmt/format.h>

#include <array>
#include <cassert>

#include "agentstore/json.hpp"
#include "formats/json_fields.hpp"
#include "formats/stats.hpp"
#include "formats/table.hpp"
#include "formats/units.hpp"

namespace agentstore::formats {
namespace {

std::vector<Column> columns_of_sessions() {
  return {{.name = "ID"},
          {.name = "NAME", .flexible = true},
          {.name = "EVENTS", .align = Align::right},
          {.name = "CREATED"}};
}

std::vector<std::string> cells_of(const Session& session, const std::string& title) {
  return {session.id, shown_name(session.name, title), std::to_string(session.event_count),
          time_text(session.created_at)};
}

std::string tokens_text(const Totals& totals) {
  if (totals.tokens_in == 0 && totals.tokens_out == 0) return "-";
  return fmt::format("{} + {}", thousands(totals.tokens_in), thousands(totals.tokens_out));
}

// Tokens, cost and errors.
std::array<std::string, 3> cells_of(const std::optional<Totals>& totals) {
  if (!totals) return {"unknown", "unknown", "unknown"};
  const std::string cost = cost_text(*totals);
  return {tokens_text(*totals), cost.empty() ? "-" : cost, std::to_string(totals->errors)};
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

void write_sessions_table(Sink& sink, std::span<const Session> sessions,
                          std::span<const std::string> titles, const Screen& screen) {
  assert(sessions.size() == titles.size());
  Table table{columns_of_sessions()};
  for (std::size_t at = 0; at < sessions.size(); ++at)
    table.row(cells_of(sessions[at], titles[at]));
  table.write(sink, screen);
}

void write_sessions_long(Sink& sink, std::span<const Session> sessions,
                         std::span<const std::string> titles,
                         std::span<const std::optional<Totals>> totals, const Screen& screen) {
  assert(sessions.size() == totals.size());
  auto columns = columns_of_sessions();
  columns.push_back({.name = "LAST ACTIVITY"});
  columns.push_back({.name = "TOKENS IN + OUT", .align = Align::right});
  columns.push_back({.name = "COST", .align = Align::right});
  columns.push_back({.name = "ERRORS", .align = Align::right});
  Table table{std::move(columns)};
  for (std::size_t at = 0; at < sessions.size(); ++at) {
    auto cells = cells_of(sessions[at], titles[at]);
    cells.push_back(time_text(sessions[at].updated_at));
    for (std::string& cell : cells_of(totals[at])) cells.push_back(std::move(cell));
    table.row(std::move(cells));
  }
  table.write(sink, screen);
}

}  // namespace agentstore::formats
