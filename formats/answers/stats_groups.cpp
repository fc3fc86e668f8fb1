#include "formats/answers/stats_groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "agentstore/internal/nearest.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/table.hpp"
#include "formats/text/units.hpp"

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

std::string models_cell(const std::set<std::string>& models) {
  std::string text;
  for (const std::string& model : models) text += (text.empty() ? "" : ", ") + model;
  return text.empty() ? "-" : text;
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
           {.name = "TIME", .role = Role::number, .secondary = 6},
           {.name = "MODELS", .secondary = 8}},
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
                    number_cell(in.duration_ms),
                    models_cell(in.models)};
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
  if (groups_by(answer, "model")) shape.columns.pop_back();
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
  if (!answer.ordered && keys.size() == 1 && !is_time(keys.front().by))
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
    const bool beside_others = answer.groups.front().keys.size() > 1;
    if (id) columns.push_back({.name = "NAME", .secondary = beside_others ? 9 : 0});
  }
  columns.insert(columns.end(), shape.columns.begin(), shape.columns.end());
  return columns;
}

void add_cells(Cells& cells, const GroupKey& key) {
  cells.push_back(key.value.value_or("(none)"));
  if (key.by != "session") return;
  const std::string quoted = key.title.empty() ? "-" : "\"" + key.title + "\"";
  cells.push_back(key.name.empty() ? quoted : key.name);
}

// What is not known is less than anything that is.
using Rank = std::tuple<bool, Decimal, std::string>;

Rank rank(const std::optional<std::int64_t>& number) {
  return {number.has_value(),
          Decimal::parse(std::to_string(number.value_or(0))).value_or(Decimal{}),
          {}};
}

Rank rank(const std::optional<Timestamp>& at) {
  return {at.has_value(), {}, at ? format_rfc3339(*at) : std::string{}};
}

using RankOf = Rank (*)(const StatsGroup&);

const std::vector<std::pair<std::string_view, RankOf>>& ranks() {
  using G = const StatsGroup&;
  static const auto whole = [](std::uint64_t number) {
    return rank(std::optional{static_cast<std::int64_t>(number)});
  };
  static const std::vector<std::pair<std::string_view, RankOf>> all{
      {"sessions", [](G g) { return whole(g.in_sessions.sessions); }},
      {"events", [](G g) { return whole(g.totals.events); }},
      {"tokens", [](G g) { return rank(std::optional{g.totals.tokens_in}); }},
      {"cached", [](G g) { return rank(g.totals.tokens_cache_read); }},
      {"out", [](G g) { return rank(std::optional{g.totals.tokens_out}); }},
      {"cost",
       [](G g) {
         const bool known = g.totals.cost_usd || g.totals.cost_computed_usd;
         return Rank{known, g.totals.cost_known_usd().value_or(Decimal{}), {}};
       }},
      {"calls", [](G g) { return whole(g.totals.tool_calls); }},
      {"failed", [](G g) { return whole(g.totals.tool_errors); }},
      {"errors", [](G g) { return whole(g.totals.errors); }},
      {"time", [](G g) { return rank(g.in_sessions.duration_ms); }},
      {"p50", [](G g) { return rank(g.in_sessions.tool_durations.percentile_ms(50)); }},
      {"p95", [](G g) { return rank(g.in_sessions.tool_durations.percentile_ms(95)); }},
      {"max", [](G g) { return rank(g.in_sessions.tool_durations.max_ms()); }},
      {"total", [](G g) { return rank(g.in_sessions.tool_durations.sum_ms()); }},
      {"first", [](G g) { return rank(g.totals.first_event_at); }},
      {"last", [](G g) { return rank(g.totals.last_event_at); }}};
  return all;
}

Result<void> sort_groups(StatsAnswer& answer, const GroupOrder& order) {
  const auto before = [&](const auto& rank_of) {
    std::ranges::stable_sort(answer.groups, [&](const StatsGroup& a, const StatsGroup& b) {
      return order.descending ? rank_of(b) < rank_of(a) : rank_of(a) < rank_of(b);
    });
  };
  std::vector<std::string> known;
  const auto& keys = answer.groups.front().keys;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    known.push_back(keys[i].by);
    if (keys[i].by != order.column) continue;
    before([i](const StatsGroup& group) { return group.keys[i].value.value_or(""); });
    return {};
  }
  for (const auto& [name, rank_of] : ranks()) {
    known.emplace_back(name);
    if (name != order.column) continue;
    before(rank_of);
    return {};
  }
  const std::string near = nearest(order.column, known);
  std::string all;
  for (const std::string& one : known) all += (all.empty() ? "" : ", ") + one;
  return fail(Code::invalid, "--sort: there is no column \"" + printable(order.column) + '"',
              near.empty() ? "it is one of " + all : "did you mean \"" + near + "\"?");
}

}  // namespace

Result<void> order_groups(StatsAnswer& answer, const GroupOrder& order) {
  if (answer.groups.empty()) return {};
  if (!order.column.empty()) {
    if (auto sorted = sort_groups(answer, order); !sorted) return sorted;
  } else {
    std::vector<StatsGroup> groups;
    for (const StatsGroup* group : ordered_groups(answer)) groups.push_back(*group);
    if (groups.empty()) return {};
    answer.groups = std::move(groups);
  }
  if (order.reverse) std::ranges::reverse(answer.groups);
  answer.ordered = true;
  if (!order.limit) return {};
  if (shows_calls(answer)) {
    std::vector<StatsGroup> shown;
    for (StatsGroup& group : answer.groups)
      if (is_shown(answer, group)) shown.push_back(std::move(group));
    if (shown.empty()) return {};
    answer.groups = std::move(shown);
  }
  if (*order.limit < answer.groups.size()) answer.left_out = answer.groups.size() - *order.limit;
  return {};
}

bool tells_costs(const StatsAnswer& answer) {
  return answer.groups.empty() || !shows_calls(answer);
}

void write_stats_groups(Sink& sink, const StatsAnswer& answer, const Screen& screen) {
  const Shape shape = shape_of(answer);
  const std::vector<Column> columns = columns_of(answer, shape);
  const std::uint64_t shown = answer.groups.size() - answer.left_out;
  Table table{columns};
  const auto groups = ordered_groups(answer);
  double largest = 0;
  for (const StatsGroup* group : groups)
    largest = std::max(largest, measure(answer, group->totals));
  const auto add = [&](Cells keys, const Totals& totals, const InSessions& in, RowLook look) {
    Cells cells = shape.cells(totals, in, screen.clock);
    cells.resize(shape.columns.size());  // models are no column of their own table
    std::ranges::move(cells, std::back_inserter(keys));
    table.row(std::move(keys), std::move(look));
  };
  for (const StatsGroup* group : groups) {
    Cells keys;
    for (const GroupKey& key : group->keys) add_cells(keys, key);
    if (static_cast<std::uint64_t>(group - answer.groups.data()) >= shown) continue;
    add(std::move(keys), group->totals, group->in_sessions, look_of(answer, *group, largest));
  }
  if (answer.left_out > 0)
    table.remark("and " + thousands(answer.left_out) + " more, which the total has, too.");
  Cells keys(columns.size() - shape.columns.size());
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
