#include "formats/answers/diff_stat.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/json.hpp"
#include "formats/answers/diff_figures.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/paint.hpp"
#include "formats/text/rules.hpp"
#include "formats/text/table.hpp"
#include "formats/text/units.hpp"
#include "formats/text/wrap.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t columns_default = 100;

std::string bool_json(bool value) {
  return value ? "true" : "false";
}

std::string divergence_text(const Diff& diff) {
  if (diff.same()) return "every event is equal but for generated ids and times";
  if (diff.steps.empty()) return "they part at the end";
  const DiffStep& first = diff.steps.front();
  return first.a != 0 ? fmt::format("first divergence at #{} of a", first.a)
                      : fmt::format("first divergence at #{} of b", first.b);
}

std::vector<std::string> cells_of(const EventSort& sort, std::uint64_t equal, std::uint64_t changed,
                                  std::uint64_t missing, std::uint64_t added) {
  return {sort.first,         sort.second,        thousands(equal),
          thousands(changed), thousands(missing), thousands(added)};
}

}  // namespace

EventSort sort_of(const EventView& event) {
  return {std::string{event.type}, tool_name_of(event).value_or("")};
}

void DiffStat::step(const EventView* a, const EventView* b, const Changes&) {
  Counts& counts = counts_[sort_of(a == nullptr ? *b : *a)];
  if (a == nullptr) ++counts.added;
  else if (b == nullptr) ++counts.missing;
  else ++counts.changed;
}

// What is neither changed nor missing of a is equal, but for what was not aligned.
void DiffStat::end() {
  for (const auto& [sort, events] : a_.events) {
    Counts& counts = counts_[sort];
    const std::uint64_t other = counts.changed + counts.missing;
    counts.equal = events - std::min(events, other);
  }
  if (json_) write_json();
  else write_text();
}

DiffStat::Counts DiffStat::sum() const {
  Counts sum{.equal = answer_.diff.equal};
  for (const auto& [sort, counts] : counts_) {
    sum.changed += counts.changed;
    sum.missing += counts.missing;
    sum.added += counts.added;
  }
  return sum;
}

void DiffStat::write_json() const {
  const Diff& diff = answer_.diff;
  const auto members = [](const Counts& counts) {
    return fmt::format(R"("equal":{},"changed":{},"missing":{},"added":{})", counts.equal,
                       counts.changed, counts.missing, counts.added);
  };
  const std::string by_type = joined_json(counts_, [&](const auto& one) {
    const auto& [sort, counts] = one;
    return fmt::format(R"({{"type":{},"tool":{},{}}})", json::quote(sort.first),
                       sort.second.empty() ? "null" : json::quote(sort.second), members(counts));
  });
  const auto text = [](const std::optional<std::string>& answer) {
    return answer ? json::quote(*answer) : "null";
  };
  sink_.write(fmt::format(
      R"({{"schema":"agentstore/diff-stat/1","a":{},"b":{},"same":{},{},"first_divergence":{},)"
      R"("cut_off":{},"unaligned":{{"a":{},"b":{}}},"by_type":[{}],"totals":{},)"
      R"("final_answer":{{"same":{},"a":{},"b":{}}},"same_state":{},"rules":{},"incomplete":{}}})"
      "\n",
      side_json(answer_.a, diff.totals_a), side_json(answer_.b, diff.totals_b),
      bool_json(answer_.same), members(sum()), first_divergence(diff), bool_json(diff.cut_off),
      diff.unaligned_a, diff.unaligned_b, by_type, figures_json(diff),
      bool_json(same_final_answer()), text(a_.final_answer), text(b_.final_answer),
      answer_.state ? bool_json(answer_.same_state) : "null", rules_json(answer_.rules),
      incomplete_json(answer_.incomplete)));
}

void DiffStat::write_text() const {
  const Diff& diff = answer_.diff;
  const std::size_t columns = screen_.columns == 0 ? columns_default : screen_.columns;
  const auto side = [&](const char* name, const DiffSide& one, const Totals& totals) {
    const std::string events = counted(totals.events, "event");
    const std::size_t room = columns - std::min(columns - 1, events.size() + 5);
    sink_.write(fmt::format("{}  {}  {}\n", name, printable_cut(one.label, room), events));
  };
  side("a", answer_.a, diff.totals_a);
  side("b", answer_.b, diff.totals_b);
  const Counts all = sum();
  sink_.write(
      wrapped(fmt::format("{} equal, {} changed, {} missing in b, {} added in b; {}",
                          thousands(all.equal), thousands(all.changed), thousands(all.missing),
                          thousands(all.added), divergence_text(diff)),
              screen_, 0) +
      "\n");
  write_final_answers();
  if (answer_.state)
    sink_.write(answer_.same_state ? "states         the same\n" : "states         differ\n");
  if (diff.unaligned_a + diff.unaligned_b > 0)
    sink_.write(
        wrapped(fmt::format("not aligned    {} of a, {} of b", counted(diff.unaligned_a, "event"),
                            thousands(diff.unaligned_b)),
                screen_, 0) +
        "\n");
  sink_.write("\n");
  write_table();
  sink_.write("\n");
  write_figures(sink_, diff, screen_);
}

void DiffStat::write_final_answers() const {
  if (!a_.final_answer && !b_.final_answer) return;
  if (same_final_answer()) {
    sink_.write("final answers  the same\n");
    return;
  }
  sink_.write("final answers  differ\n");
  const std::size_t columns = screen_.columns == 0 ? columns_default : screen_.columns;
  const auto side = [&](const char* name, const std::optional<std::string>& answer) {
    const std::string text =
        answer ? '"' + printable_cut(*answer, columns - std::min(columns - 1, std::size_t{7})) + '"'
               : "(none)";
    sink_.write(fmt::format("  {}  {}\n", name, text));
  };
  side("a", a_.final_answer);
  side("b", b_.final_answer);
}

void DiffStat::write_table() const {
  Table table{{{.name = "TYPE", .role = Role::key},
               {.name = "TOOL", .role = Role::key},
               {.name = "EQUAL", .role = Role::number},
               {.name = "CHANGED", .role = Role::number},
               {.name = "MISSING", .role = Role::number, .alarming = true},
               {.name = "ADDED", .role = Role::number}}};
  for (const auto& [sort, counts] : counts_)
    table.row(cells_of(sort, counts.equal, counts.changed, counts.missing, counts.added));
  const Counts all = sum();
  table.row(cells_of({"total", ""}, all.equal, all.changed, all.missing, all.added),
            {.total = true});
  table.write(sink_, screen_);
}

}  // namespace agentstore::formats
