#include "formats/answers/show.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/analysis/prices.hpp"
#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"
#include "formats/answers/facts.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/prose.hpp"
#include "formats/text/session_text.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

std::string milliseconds_text(Timestamp at) {
  return fmt::format(".{:03}", at.nanoseconds / 1'000'000);
}

Paint paint_of(const EventView& event) {
  const bool failed = kind_of_type(event.type) == EventKind::error || is_tool_error(event);
  return failed ? Paint::red : Paint::bold;
}

void write_title_line(Sink& sink, const ShownEvent& shown, const Screen& screen) {
  const EventView& event = shown.event;
  std::string text = fmt::format("#{}  {}", event.sequence_number, printable(event.type));
  if (const auto tool = tool_name_of(event)) text += "  " + printable(*tool);
  if (kind_of_type(event.type) == EventKind::result && is_tool_error(event)) {
    text += "  " + printable(bad_ending_of(event));
  }
  for (const std::string& line : wrapped(text, screen.columns))
    sink.write(painted(line, paint_of(event), screen.color) + "\n");
  const std::string time = fmt::format("{} {}{} {}", day_text(event.timestamp, screen.clock),
                                       time_of_day_text(event.timestamp, screen.clock),
                                       milliseconds_text(event.timestamp), screen.clock.zone);
  write_prose(sink, time, screen, {.indent = "  ", .paint = Paint::dim});
}

std::string reference_text(const EventReference& to) {
  return fmt::format("#{} {}", to.sequence_number, to.type);
}

std::string caused_text(const std::vector<EventReference>& caused) {
  std::string text;
  for (const EventReference& one : caused) text += (text.empty() ? "" : ", ") + reference_text(one);
  return text;
}

void add_links(Facts& facts, const ShownEvent& shown) {
  if (shown.call) facts.add("call", reference_text(*shown.call));
  if (shown.result) facts.add("result", reference_text(*shown.result));
  const bool by_call =
      shown.call && shown.cause && shown.call->sequence_number == shown.cause->sequence_number;
  if (shown.cause && !by_call) facts.add("cause", reference_text(*shown.cause));
  const auto cause_id = json::find_text(shown.event.metadata, "causation_id");
  if (!shown.cause && cause_id && !cause_id->empty())
    facts.add("cause", *cause_id + " (no event of this session)");
  if (!shown.caused.empty()) facts.add("caused", caused_text(shown.caused));
  if (const auto id = json::find_text(shown.event.metadata, "correlation_id"))
    facts.add("correlation", *id);
}

void add_stored(Facts& facts, const EventView& event) {
  facts.add("session", event.session_id);
  const auto text = [&](const char* name) { return json::find_text(event.line, name); };
  if (const auto recorded = text("recorded_at")) facts.add("recorded", *recorded);
  if (const auto batch = json::find(event.line, "batch")) {
    const auto first = json::find_pointer(*batch, "/0");
    const auto last = json::find_pointer(*batch, "/1");
    if (first && last)
      facts.add("batch", fmt::format("#{} to #{} were written at once", std::string_view{*first},
                                     std::string_view{*last}));
  }
  if (event.hash.empty()) facts.add("seal", "none");
  else facts.add("seal", event.hash);
  if (const auto before = text("prev")) facts.add("seal before", *before);
  facts.add("line", fmt::format("{} bytes at byte {} of the log",
                                thousands(static_cast<std::int64_t>(event.line.size() + 1)),
                                thousands(static_cast<std::int64_t>(event.offset_bytes))));
}

}  // namespace

void write_show_head(Sink& sink, const Session& session, const std::string& title,
                     const Screen& screen) {
  const bool whole = screen.columns == 0 || screen.wide;
  std::string text = printable(shown_name(session.name, title));
  if (!session.id.empty()) text += " · " + printable(whole ? session.id : short_id(session.id));
  for (const std::string& line : wrapped(text, screen.columns))
    sink.write(painted(line, Paint::dim, screen.color) + "\n");
}

void write_event(Sink& sink, const ShownEvent& shown, const Screen& screen, bool verbose) {
  const EventView& event = shown.event;
  write_title_line(sink, shown, screen);
  sink.write("\n");
  write_event_body(sink, shown, screen);
  Facts facts;
  add_links(facts, shown);
  add_usage(facts, event);
  if (event.redacted_by != 0) facts.add("redacted", fmt::format("by #{}", event.redacted_by));
  if (!event.event_id.empty()) facts.add("event id", event.event_id);
  if (verbose) add_stored(facts, event);
  if (verbose && event.metadata.size() > 2) facts.add("metadata", pretty_json(event.metadata));
  if (facts.empty()) return;
  sink.write("\n");
  facts.write(sink, screen);
}

}  // namespace agentstore::formats
