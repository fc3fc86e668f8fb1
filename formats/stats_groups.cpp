#include "formats/stats_groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "formats/table.hpp"
#include "formats/units.hpp"

namespace agentstore::formats {
namespace {

using Cells = std::vector<std::string>;

bool is_time(std::string_view by) {
  return by == "hour" || by == "day" || by == "week" || by == "month";
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

std::string number_cell(const std::optional<std::int64_t>& ms) {
  return ms ? duration_text(*ms) : "-";
}

std::string percent_cell(std::int64_t part, std::int64_t whole) {
  if (whole <= 0 || part < 0) return "-";
  return std::to_string(static_cast<std::int64_t>(
             100.0 * static_cast<double>(part) / static_cast<double>(whole) + 0.5)) +
         " %";
}

std::string tokens_cell(const Totals& totals, std::int64_t sum) {
  return told_tokens(totals, sum) ? thousands(sum) : "unknown";
}

std::string cost_cell(const Totals& totals) {
  const std::string cost = cost_text(totals);
  return cost.empty() ? "-" : cost;
}

// What a table of groups shows of each.
struct Shape {
  std::vector<Column> columns;
  Cells (*cells)(const Totals& totals, const InSessions& in, const Clock& clock);
};

Shape tool_shape() {
  return {{{.name = "CALLS", .role = Role::number},
           {.name = "FAILED", .role = Role::number, .alarming = true},
           {.name = "", .role = Role::number, .secondary = 1},
           {.name = "p50", .role = Role::number},
           {.name = "p95", .role = Role::number},
           {.name = "MAX", .role = Role::number, .secondary = 2},
           {.name = "TOTAL", .role = Role::number}},
          [](const Totals& totals, const InSessions& in, const Clock&) -> Cells {
            const Durations& times = in.tool_durations;
            const bool any = totals.tool_errors > 0;
            return {thousands(totals.tool_calls),
                    thousands(totals.tool_errors),
                    any ? percent_cell(static_cast<std::int64_t>(totals.tool_errors),
                                       static_cast<std::int64_t>(totals.tool_calls))
                        : "",
                    number_cell(times.percentile_ms(50)),
                    number_cell(times.percentile_ms(95)),
                    number_cell(times.max_ms()),
                    number_cell(times.sum_ms())};
          }};
}

Shape call_shape() {
  return {{{.name = "CALLS", .role = Role::number},
           {.name = "SESSIONS", .role = Role::number, .secondary = 2},
           {.name = "FIRST", .role = Role::time, .secondary = 1},
           {.name = "LAST", .role = Role::time}},
          [](const Totals& totals, const InSessions& in, const Clock& clock) -> Cells {
            const auto time = [&](const std::optional<Timestamp>& at) {
              return at ? time_text(*at, clock) : "-";
            };
            return {thousands(totals.tool_calls), thousands(in.sessions),
                    time(totals.first_event_at), time(totals.last_event_at)};
          }};
}

Shape use_shape() {
  return {{{.name = "SESSIONS", .role = Role::number, .secondary = 2},
           {.name = "EVENTS", .role = Role::number, .secondary = 7},
           {.name = "TOKENS IN", .role = Role::number},
           {.name = "CACHED", .role = Role::number},
           {.name = "OUT", .role = Role::number, .secondary = 1},
           {.name = "COST", .role = Role::number},
           {.name = "TOOL CALLS", .role = Role::number, .secondary = 3},
           {.name = "FAILED", .role = Role::number, .secondary = 4, .alarming = true},
           {.name = "ERRORS", .role = Role::number, .secondary = 5, .alarming = true},
           {.name = "TIME", .role = Role::number, .secondary = 6}},
          [](const Totals& totals, const InSessions& in, const Clock&) -> Cells {
            const auto cached = totals.tokens_cache_read;
            return {thousands(in.sessions),
                    thousands(totals.events),
                    tokens_cell(totals, totals.tokens_in),
                    cached ? percent_cell(*cached, totals.tokens_in) : "-",
                    tokens_cell(totals, totals.tokens_out),
                    cost_cell(totals),
                    thousands(totals.tool_calls),
                    thousands(totals.tool_errors),
                    thousands(totals.errors),
                    number_cell(in.duration_ms)};
          }};
}

bool groups_by(const StatsAnswer& answer, std::string_view by) {
  return std::ranges::any_of(answer.groups.front().keys,
                             [&](const GroupKey& key) { return key.by == by; });
}

Shape shape_of(const StatsAnswer& answer) {
  if (groups_by(answer, "tool")) return tool_shape();
  if (groups_by(answer, "file") || groups_by(answer, "command")) return call_shape();
  Shape shape = use_shape();
  // Types are told apart by how many there are.
  if (groups_by(answer, "type")) shape.columns[1].secondary = 0;
  return shape;
}

bool shows_calls(const StatsAnswer& answer) {
  return groups_by(answer, "tool") || groups_by(answer, "file") || groups_by(answer, "command");
}

// In a table of calls, those of nothing say nothing.
bool is_shown(const StatsAnswer& answer, const StatsGroup& group) {
  if (!shows_calls(answer)) return true;
  const bool of_nothing = std::ranges::any_of(group.keys, [](const GroupKey& key) {
    return !key.value && (key.by == "tool" || key.by == "file" || key.by == "command");
  });
  return !of_nothing && (group.totals.tool_calls > 0 || group.totals.tool_errors > 0 ||
                         !group.in_sessions.tool_durations.empty());
}

// The larger group first.
using Size = std::tuple<Decimal, std::int64_t, std::uint64_t>;

Size size_of(const StatsAnswer& answer, const StatsGroup& group) {
  const Totals& totals = group.totals;
  if (shows_calls(answer)) return {{}, {}, totals.tool_calls};
  if (groups_by(answer, "type")) return {{}, {}, totals.events};
  const std::int64_t tokens = totals.tokens_in / 2 + totals.tokens_out / 2;
  return {totals.cost_known_usd().value_or(Decimal{}), tokens, totals.events};
}

std::vector<const StatsGroup*> ordered_groups(const StatsAnswer& answer) {
  std::vector<const StatsGroup*> groups;
  for (const StatsGroup& group : answer.groups)
    if (is_shown(answer, group)) groups.push_back(&group);
  const auto& keys = answer.groups.front().keys;
  if (keys.size() == 1 && !is_time(keys.front().by))
    std::ranges::stable_sort(groups, [&](const StatsGroup* a, const StatsGroup* b) {
      return size_of(answer, *a) > size_of(answer, *b);
    });
  return groups;
}

// What bars show: costs where there is any, else tokens, else events.
double measure(const StatsAnswer& answer, const Totals& totals) {
  if (answer.totals.cost_usd || answer.totals.cost_computed_usd) {
    const auto cost = totals.cost_known_usd();
    return cost ? std::strtod(cost->to_string().c_str(), nullptr) : 0;
  }
  if (answer.totals.tokens_in != 0 || answer.totals.tokens_out != 0)
    return static_cast<double>(totals.tokens_in) + static_cast<double>(totals.tokens_out);
  return static_cast<double>(totals.events);
}

std::string tail_of(const StatsAnswer& answer, const Totals& totals) {
  return shows_calls(answer) ? "" : unknown_costs_text(totals);
}

RowLook look_of(const StatsAnswer& answer, const StatsGroup& group, double largest) {
  if (answer.bars && largest > 0) return {.share = measure(answer, group.totals) / largest};
  return {.tail = tail_of(answer, group.totals)};
}

std::vector<Column> columns_of(const StatsAnswer& answer, const Shape& shape) {
  std::vector<Column> columns;
  for (const GroupKey& key : answer.groups.front().keys) {
    const bool id = key.by == "session";
    columns.push_back({.name = upper(key.by), .role = id ? Role::id : Role::key});
  }
  columns.insert(columns.end(), shape.columns.begin(), shape.columns.end());
  return columns;
}

}  // namespace

bool tells_costs(const StatsAnswer& answer) {
  return answer.groups.empty() || !shows_calls(answer);
}

void write_stats_groups(Sink& sink, const StatsAnswer& answer, const Screen& screen) {
  const Shape shape = shape_of(answer);
  Table table{columns_of(answer, shape)};
  const auto groups = ordered_groups(answer);
  double largest = 0;
  for (const StatsGroup* group : groups)
    largest = std::max(largest, measure(answer, group->totals));
  const auto add = [&](Cells keys, const Totals& totals, const InSessions& in, RowLook look) {
    for (std::string& cell : shape.cells(totals, in, screen.clock)) keys.push_back(std::move(cell));
    table.row(std::move(keys), std::move(look));
  };
  for (const StatsGroup* group : groups) {
    Cells keys;
    for (const GroupKey& key : group->keys) keys.push_back(key.value.value_or("(none)"));
    add(std::move(keys), group->totals, group->in_sessions, look_of(answer, *group, largest));
  }
  Cells keys(answer.groups.front().keys.size());
  keys.front() = "total";
  // Of calls, those that are shown add up: others name no tool, file or command.
  Totals sum;
  if (shows_calls(answer))
    for (const StatsGroup* group : groups) (void)sum.merge(group->totals);
  add(std::move(keys), shows_calls(answer) ? sum : answer.totals,
      {answer.sessions, answer.sessions_duration_ms, answer.tool_durations},
      {.total = true, .tail = tail_of(answer, answer.totals)});
  if (shows_calls(answer) && !groups_by(answer, "tool"))
    table.remark("Times: " + screen.clock.zone + ".");
  table.write(sink, screen);
}

}  // namespace agentstore::formats
