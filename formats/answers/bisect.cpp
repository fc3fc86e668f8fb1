#include "formats/answers/bisect.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "agentstore/json.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/rules.hpp"
#include "formats/text/units.hpp"
#include "formats/text/wrap.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t flips_shown_max = 8;
constexpr std::size_t value_columns = 40;

using Several = std::optional<SeveralSessions>;

/// What names an event; of several sessions with its own.
std::string name_json(const Several& several, std::uint64_t number) {
  const EventName name = event_of(several, number);
  return (several ? "\"session_id\":" + json::quote(name.session_id) + ',' : std::string{}) +
         "\"sequence_number\":" + std::to_string(name.sequence_number);
}

std::string event_json(const Several& several, const BisectEvent& event) {
  return fmt::format(R"({{{},"event_id":{},"type":{},"timestamp":{}}})",
                     name_json(several, event.sequence_number),
                     event.event_id.empty() ? "null" : json::quote(event.event_id),
                     json::quote(event.type), time_json(event.timestamp));
}

std::string skipped_json(const BisectAnswer& answer) {
  return array_json(answer.skipped, [&](std::uint64_t number) {
    return answer.several ? '{' + name_json(answer.several, number) + '}' : std::to_string(number);
  });
}

std::string name_text(const BisectAnswer& answer, std::uint64_t number) {
  return printable(text_of(event_of(answer.several, number)));
}

std::string place(const BisectAnswer& answer, const Clock& clock) {
  const BisectEvent& event = *answer.first;
  std::string text =
      fmt::format("at {}  {} {}  {}", name_text(answer, event.sequence_number),
                  time_text(event.timestamp, clock), clock.zone, printable(event.type));
  if (!event.summary.empty()) text += ' ' + event.summary;
  return text;
}

std::string changes(const BisectAnswer& answer) {
  std::string text;
  for (const BisectValue& value : answer.values) {
    text += text.empty() ? "   " : ", ";
    text += printable(value.name) + ' ' + printable_value(value.before, value_columns);
    if (value.after != value.before) text += " → " + printable_value(value.after, value_columns);
  }
  return text;
}

std::string later_flips(const BisectAnswer& answer) {
  if (answer.later_count == 0) return "later flips: none";
  std::string text = "later flips:";
  const std::size_t shown = std::min(answer.later.size(), flips_shown_max);
  for (std::size_t i = 0; i < shown; ++i)
    text += fmt::format("{} {} at {}", i == 0 ? "" : ",", answer.later[i].answer ? "true" : "false",
                        name_text(answer, answer.later[i].sequence_number));
  if (answer.later_count > shown)
    text += ", and " + thousands(answer.later_count - shown) + " more";
  return text;
}

}  // namespace

void write_bisect_json(Sink& sink, const BisectAnswer& answer) {
  const std::string values = joined_json(answer.values, [](const BisectValue& value) {
    return json::quote(value.name) + R"(:{"before":)" + value.before + R"(,"after":)" +
           value.after + '}';
  });
  const Several& several = answer.several;
  const std::string later = joined_json(answer.later, [&](const Flip& flip) {
    return fmt::format(R"({{{},"answer":{}}})", name_json(several, flip.sequence_number),
                       flip.answer);
  });
  const std::string sessions =
      several ? fmt::format("\"sessions\":{},", several->count) : std::string{};
  sink.write(fmt::format(
      R"({{"schema":"agentstore/bisect/1","session_id":{},{}"expression":{},"exec":{},"events":{},)"
      R"("at_start":{},"first":{},"values":{{{}}},"later_flips":[{}],"later_flip_count":{},"trials":{},)"
      R"("skipped":{},"incomplete":{},"rules":{}}})"
      "\n",
      several ? "null" : json::quote(answer.session_id), sessions, text_json(answer.expression),
      text_json(answer.command), answer.events,
      answer.expression ? (answer.at_start ? "true" : "false") : "null",
      answer.first ? event_json(several, *answer.first) : "null", values, later,
      answer.expression ? std::to_string(answer.later_count) : "null",
      answer.command ? std::to_string(answer.trials) : "null", skipped_json(answer),
      incomplete_json(answer.incomplete), rules_json(answer.rules)));
}

void write_bisect_text(Sink& sink, const BisectAnswer& answer, const Screen& screen) {
  if (!answer.first) return;
  std::string text =
      (answer.expression ? "first true " : "first bad ") + place(answer, screen.clock);
  if (answer.expression) {
    text += changes(answer) + (answer.values.empty() ? "   " : "; ") + later_flips(answer);
    if (answer.start_ends_at)
      text += "; it was true from the start until " + name_text(answer, *answer.start_ends_at);
  } else {
    text += fmt::format("   {} of {}", counted(answer.trials, "trial"),
                        counted(answer.events, "event"));
    if (!answer.skipped.empty())
      text += fmt::format("; or one of those skipped: {} to {}",
                          name_text(answer, answer.skipped.front()),
                          name_text(answer, answer.skipped.back()));
  }
  sink.write(wrapped(text, screen, 2) + '\n');
}

}  // namespace agentstore::formats
