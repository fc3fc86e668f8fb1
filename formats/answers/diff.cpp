#include "formats/answers/diff.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "agentstore/json.hpp"
#include "formats/answers/diff_figures.hpp"
#include "formats/events/summary.hpp"
#include "formats/text/difference.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/paint.hpp"
#include "formats/text/table.hpp"
#include "formats/text/units.hpp"
#include "formats/text/wrap.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t columns_default = 100;
constexpr std::size_t value_columns = 40;
constexpr std::size_t value_columns_min = 10;
constexpr std::size_t changes_shown_max = 6;
constexpr std::size_t type_columns = 14;

std::string value_or_dash(std::string_view json, std::size_t columns) {
  return json.empty() ? "(none)" : printable_value(json, columns);
}

std::string number_text(const EventView* event) {
  return event == nullptr ? "" : fmt::format("#{}", event->sequence_number);
}

std::string figure_name(std::string_view name) {
  if (name == "cost_total_usd") return "cost";
  if (name == "duration_ms") return "duration";
  std::string text{name};
  std::ranges::replace(text, '_', ' ');
  return text;
}

std::string figure_text(std::string_view name, const std::string& json, const Totals& totals) {
  if (name == "cost_total_usd") {
    if (json == "null") return "unknown";
    return (totals.cost_computed_usd ? "~$" : "$") + separated(json);
  }
  if (json == "null") return "-";
  if (name == "duration_ms") return duration_text(json::integer_of(json).value_or(0));
  return separated(json);
}

// A duration's sign, and the rest as people read it.
std::string figure_difference(const FigurePair& figure) {
  const auto difference = difference_of(figure.a, figure.b);
  if (figure.name != "duration_ms" || !difference) {
    const std::string text = difference_text(figure.a, figure.b);
    const bool has_sign = text.starts_with('+') || text.starts_with('-');
    if (!difference || !has_sign) return separated(text);
    const char* const unit = figure.name == "cost_total_usd" ? "$" : "";
    return text.substr(0, 1) + unit + separated(text.substr(1));
  }
  const auto ms = json::integer_of(*difference).value_or(0);
  return (ms > 0 ? "+" : "") + (ms == 0 ? "0" : duration_text(ms));
}

}  // namespace

std::vector<FigurePair> figures_of(const Totals& a, const Totals& b) {
  const auto count = [](std::uint64_t number) { return std::to_string(number); };
  const auto cost = [](const Totals& totals) {
    return totals.cost_usd ? totals.cost_usd->to_string() : "null";
  };
  const auto total_cost = [](const Totals& totals) {
    const auto total = totals.cost_total_usd();
    return total && *total ? (*total)->to_string() : "null";
  };
  return {{"events", count(a.events), count(b.events)},
          {"tokens_in", std::to_string(a.tokens_in), std::to_string(b.tokens_in)},
          {"tokens_out", std::to_string(a.tokens_out), std::to_string(b.tokens_out)},
          {"cost_usd", cost(a), cost(b)},
          {"cost_total_usd", total_cost(a), total_cost(b)},
          {"tool_calls", count(a.tool_calls), count(b.tool_calls)},
          {"tool_errors", count(a.tool_errors), count(b.tool_errors)},
          {"errors", count(a.errors), count(b.errors)},
          {"duration_ms", number_json(a.duration_ms()), number_json(b.duration_ms())}};
}

void write_figures(Sink& sink, const Diff& diff, const Screen& screen) {
  Table table{{{.name = "", .role = Role::key},
               {.name = "A", .role = Role::number},
               {.name = "B", .role = Role::number},
               {.name = "DIFFERENCE", .role = Role::number}}};
  for (const FigurePair& figure : figures_of(diff.totals_a, diff.totals_b)) {
    if (figure.a == figure.b && figure.name != "events") continue;
    // For people there is one cost; the exact one, since a difference may be small.
    if (figure.name == "cost_usd") continue;
    table.row({figure_name(figure.name), figure_text(figure.name, figure.a, diff.totals_a),
               figure_text(figure.name, figure.b, diff.totals_b), figure_difference(figure)});
  }
  table.write(sink, screen);
}

std::size_t DiffText::columns() const {
  return screen_.columns == 0 ? columns_default : std::max<std::size_t>(screen_.columns, 40);
}

void DiffText::begin() {
  const Diff& diff = answer_.diff;
  const auto side = [&](const char* name, const DiffSide& one, const Totals& totals) {
    sink_.write(fmt::format("{}  {}  {}\n", name, printable_cut(one.label, columns() - 20),
                            counted(totals.events, "event")));
  };
  side("a", answer_.a, diff.totals_a);
  side("b", answer_.b, diff.totals_b);
  if (diff.same()) {
    sink_.write(fmt::format("every event is equal but for generated ids and times\n"));
    return;
  }
  std::string at = "at the end";
  if (!diff.steps.empty()) {
    const DiffStep& first = diff.steps.front();
    at = first.a != 0 ? fmt::format("at #{} of a", first.a) : fmt::format("at #{} of b", first.b);
  }
  std::string prefix = "the first " + counted(diff.common_prefix, "event") + " are equal";
  if (diff.common_prefix == 1) prefix = "the first event is equal";
  if (diff.common_prefix == 0) prefix = "no event is equal from the start";
  sink_.write(wrapped(fmt::format("{}, first divergence {}; {} equal in all", prefix, at,
                                  thousands(diff.equal)),
                      screen_, 0) +
              "\n\n");
}

void DiffText::step(const EventView* a, const EventView* b, const Changes& changes) {
  const char* const mark = a == nullptr ? "+" : b == nullptr ? "-" : "~";
  const Paint paint = b == nullptr ? Paint::red : a == nullptr ? Paint::none : Paint::yellow;
  const EventView& event = a == nullptr ? *b : *a;
  const std::string type = printable_cut(event.type, 32);
  const std::string head =
      fmt::format("{}  {:<6}  {:<6}  {}{}  ", mark, number_text(a), number_text(b), type,
                  std::string(type_columns - std::min(type_columns, display_width(type)), ' '));
  const std::size_t used = display_width(head);
  const std::size_t room = columns() > used + 10 ? columns() - used : 10;
  sink_.write(painted(head + summary(event, room), paint, screen_.color) + "\n");
  write_changes(changes, screen_.columns == 0 || columns() >= 120 ? 21 : 6);
}

void DiffText::write_change(const FieldChange& change, std::size_t indent) {
  const std::string blanks(indent, ' ');
  const bool fits = screen_.columns == 0 || screen_.wide;
  const std::size_t name_columns = fits ? 60 : std::min<std::size_t>(60, columns() - indent - 1);
  const std::string name = blanks + printable_cut(change.pointer, name_columns) + ":";
  std::size_t used = display_width(name) + display_width("  → ");
  // A name that leaves no room for a number has its line for itself.
  const bool apart = !fits && used + 2 * value_columns_min > columns();
  if (apart) used = indent + display_width("   → ");
  std::size_t left = value_columns * 2;
  if (!fits) left = std::clamp(columns() - std::min(columns(), used), 2 * value_columns_min, left);
  // What one value leaves, the other may take.
  const std::size_t wanted = display_width(value_or_dash(change.b, value_columns));
  const std::size_t first = std::clamp(left - std::min(left, wanted), left / 2, value_columns);
  const std::string before = value_or_dash(change.a, first);
  const std::string after =
      value_or_dash(change.b, std::min(value_columns, left - display_width(before)));
  sink_.write(
      fmt::format("{}{}{} → {}\n", name, apart ? "\n" + blanks + "  " : " ", before, after));
}

void DiffText::write_changes(const Changes& changes, std::size_t indent) {
  if (!changes) return;
  const std::string blanks(indent, ' ');
  std::size_t count = 0;
  changes([&](const FieldChange& change) {
    if (++count <= changes_shown_max) write_change(change, indent);
    return true;
  });
  if (count > changes_shown_max)
    sink_.write(fmt::format("{}and {} more\n", blanks, thousands(count - changes_shown_max)));
}

void DiffText::end() {
  const Diff& diff = answer_.diff;
  if (diff.unaligned_a + diff.unaligned_b > 0)
    sink_.write(fmt::format("{} of a and {} of b behind these were not aligned\n",
                            counted(diff.unaligned_a, "event"),
                            counted(diff.unaligned_b, "event")));
  if (diff.cut_off)
    sink_.write(wrapped("the histories are far apart: there may be an alignment with fewer "
                        "differences",
                        screen_, 0) +
                "\n");
  if (!answer_.same_state) {
    sink_.write("\nstate\n");
    answer_.state([&](const FieldChange& change) {
      write_change(change, 2);
      return true;
    });
  }
  sink_.write("\n");
  write_figures(sink_, diff, screen_);
}

}  // namespace agentstore::formats
