#include "formats/answers/whatif.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "agentstore/analysis/fields.hpp"
#include "agentstore/json.hpp"
#include "formats/text/difference.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/paint.hpp"
#include "formats/text/rules.hpp"
#include "formats/text/table.hpp"
#include "formats/text/units.hpp"
#include "formats/text/wrap.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t dropped_shown_max = 20;
constexpr std::size_t value_columns = 40;
constexpr std::size_t name_columns = 60;

std::string or_null(const std::optional<std::string_view>& json) {
  return std::string{json.value_or("null")};
}

using Several = std::optional<SeveralSessions>;

std::string number_or_null(std::uint64_t number) {
  return number == 0 ? "null" : std::to_string(number);
}

/// What names an event; of several sessions with its own.
std::string event_json(const Several& several, std::uint64_t number) {
  const EventName name = number == 0 ? EventName{} : event_of(several, number);
  return (several ? fmt::format("\"session_id\":{},",
                                number == 0 ? "null" : json::quote(name.session_id))
                  : std::string{}) +
         "\"sequence_number\":" + number_or_null(name.sequence_number);
}

std::string dropped_json(const Several& several, const Dropped& one) {
  return fmt::format("{{{},\"event_id\":{},\"why\":{}}}", event_json(several, one.sequence_number),
                     one.event_id.empty() ? "null" : json::quote(one.event_id),
                     json::quote(one.why));
}

std::string warning_json(const Several& several, const WhatIfWarning& one) {
  return fmt::format("{{{},\"text\":{}}}", event_json(several, one.sequence_number),
                     json::quote(one.text));
}

/// The first divergence of several sessions is named by its session, too.
std::string sessions_json(const Several& several, const std::optional<std::uint64_t>& divergence) {
  if (!several) return {};
  return fmt::format("\"sessions\":{},\"first_divergence_session_id\":{},", several->count,
                     divergence ? json::quote(several->name(*divergence).session_id) : "null");
}

std::string fields_json(const std::vector<FieldPair>& fields) {
  return object_json(fields, [](const FieldPair& field) {
    return fmt::format("{}:{{\"actual\":{},\"counterfactual\":{},\"difference\":{}}}",
                       json::quote(field.name), or_null(field.first), or_null(field.second),
                       difference_of(or_null(field.first), or_null(field.second)).value_or("null"));
  });
}

std::string value_cell(const std::optional<std::string_view>& value, std::size_t places) {
  if (!value) return "(none)";
  const std::string json = with_places(std::string{*value}, places);
  if (json::kind_of(json) == json::Kind::number && !json.contains('e') && !json.contains('E'))
    return separated(json);
  return printable_value(json, value_columns);
}

std::string difference_cell(const std::string& difference, std::size_t places) {
  const std::string text = with_places(difference, places);
  return text.starts_with('+') ? "+" + separated(text.substr(1)) : separated(text);
}

// For people there is one cost: rows that only repeat the total are left out.
bool repeats_total_cost(const FieldPair& field, const std::vector<FieldPair>& fields) {
  if (!field.name.contains("cost") || !field.name.ends_with("_usd")) return false;
  const auto total = std::ranges::find(fields, "cost_total_usd", &FieldPair::name);
  return total != fields.end() && field.name != total->name && field.first == total->first &&
         field.second == total->second;
}

void write_fields(Sink& sink, const WhatIfAnswer& answer, const Screen& screen) {
  Table table{{{.name = "", .role = Role::key},
               {.name = "ACTUAL", .align = Align::right},
               {.name = answer.only_left_out ? "WITHOUT" : "WHAT IF", .align = Align::right},
               {.name = "DIFFERENCE", .role = Role::number}}};
  std::size_t unchanged = 0;
  for (const FieldPair& field : answer.fields) {
    if (field.first == field.second) {
      ++unchanged;
      continue;
    }
    if (repeats_total_cost(field, answer.fields)) continue;
    const std::string difference = difference_text(or_null(field.first), or_null(field.second));
    const std::size_t places =
        difference == "-"
            ? 0
            : std::max({places_of(*field.first), places_of(*field.second), places_of(difference)});
    table.row({printable_cut(field.name, name_columns), value_cell(field.first, places),
               value_cell(field.second, places), difference_cell(difference, places)});
  }
  if (table.empty()) {
    sink.write(fmt::format("No field of {} changes.\n", answer.views));
    return;
  }
  table.write(sink, screen);
  if (unchanged > 0)
    sink.write(fmt::format("{} of {} unchanged\n", counted(unchanged, "more field"), answer.views));
}

std::string capitalized(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] -= 'a' - 'A';
  return text;
}

void write_dropped(Sink& sink, const WhatIfAnswer& answer) {
  const WhatIf& what = answer.what;
  const auto shown =
      std::span{what.dropped}.first(std::min(what.dropped.size(), dropped_shown_max));
  std::vector<std::string> names;
  std::size_t columns = 0;
  for (const Dropped& one : shown) {
    names.push_back(text_of(event_of(answer.several, one.sequence_number)));
    columns = std::max(columns, names.back().size());
  }
  for (std::size_t i = 0; i < shown.size(); ++i)
    sink.write(fmt::format("dropped  {:<{}}  {}\n", printable(names[i]), columns,
                           printable(shown[i].why)));
  if (what.dropped_count > shown.size())
    sink.write(fmt::format("and {} more dropped\n", thousands(what.dropped_count - shown.size())));
}

void write_warnings(Sink& sink, const WhatIfAnswer& answer, const Screen& screen) {
  const WhatIf& what = answer.what;
  for (const WhatIfWarning& one : what.warnings) {
    const std::string where =
        one.sequence_number == 0
            ? ""
            : printable(text_of(event_of(answer.several, one.sequence_number))) + " ";
    sink.write(painted(wrapped(fmt::format("warning  {}{}", where, printable(one.text)), screen, 9),
                       Paint::yellow, screen.color) +
               "\n");
  }
  if (what.warning_count > what.warnings.size())
    sink.write(fmt::format("and {} more\n",
                           counted(what.warning_count - what.warnings.size(), "warning")));
}

}  // namespace

void write_whatif_json(Sink& sink, const WhatIfAnswer& answer) {
  const WhatIf& what = answer.what;
  const Several& several = answer.several;
  sink.write(fmt::format(
      "{{\"schema\":\"agentstore/whatif/1\",\"session_id\":{},{}\"events\":{{\"actual\":{},"
      "\"counterfactual\":{}}},\"first_divergence\":{},\"dropped\":{},\"dropped_count\":{},"
      "\"warnings\":{},\"fields\":{},\"incomplete\":{},\"rules\":{},\"saved_as\":{}}}\n",
      several ? "null" : json::quote(answer.session_id),
      sessions_json(several, what.first_divergence), what.events_actual, what.events_counterfactual,
      number_or_null(
          what.first_divergence ? event_of(several, *what.first_divergence).sequence_number : 0),
      array_json(what.dropped, [&](const Dropped& one) { return dropped_json(several, one); }),
      what.dropped_count,
      array_json(what.warnings,
                 [&](const WhatIfWarning& one) { return warning_json(several, one); }),
      fields_json(answer.fields), incomplete_json(answer.incomplete), rules_json(answer.rules),
      answer.saved_as ? json::quote(*answer.saved_as) : "null"));
}

void write_whatif_text(Sink& sink, const WhatIfAnswer& answer, const Screen& screen) {
  const WhatIf& what = answer.what;
  std::string divergence = "nothing is altered";
  if (what.first_divergence) {
    divergence = "first divergence at " +
                 printable(text_of(event_of(answer.several, *what.first_divergence)));
    if (what.first_divergence_at)
      divergence +=
          ", " + time_text(*what.first_divergence_at, screen.clock) + " " + screen.clock.zone;
  }
  const std::string sessions =
      answer.several ? " of " + counted(answer.several->count, "session") : std::string{};
  sink.write(
      wrapped(fmt::format("{}: {} → {}{}, {}", capitalized(printable(answer.altered)),
                          thousands(what.events_actual),
                          counted(what.events_counterfactual, "event"), sessions, divergence),
              screen, 2) +
      "\n");
  write_fields(sink, answer, screen);
  if (what.dropped_count > 1) write_dropped(sink, answer);
  write_warnings(sink, answer, screen);
  if (answer.saved_as) sink.write(fmt::format("saved as {}\n", printable(*answer.saved_as)));
  sink.write(wrapped("Later events are taken as recorded; nothing was re-executed.", screen, 0) +
             "\n");
}

}  // namespace agentstore::formats
