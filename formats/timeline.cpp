#include "formats/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "agentstore/event.hpp"
#include "formats/escape.hpp"
#include "formats/paint.hpp"
#include "formats/summary.hpp"
#include "formats/units.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t columns_default = 100;
constexpr std::size_t columns_min = 24;
// A type longer than the widest column that all types share stands out for its line alone.
constexpr std::size_t type_columns_max = 32;
constexpr std::size_t type_columns_shared_max = 16;
constexpr std::size_t session_columns_max = 24;

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  for (; times > 0; --times) out += piece;
  return out;
}

// Pads to `columns`, and lets `columns` grow to what was needed.
std::string padded(std::string text, std::size_t& columns) {
  const std::size_t used = display_width(text);
  columns = std::max(columns, used);
  return text.append(columns - used, ' ');
}

Paint paint_of(const EventView& event) {
  if (event.type == error_event) return Paint::red;
  if (event.type == tool_result && is_tool_error(event)) return Paint::red;
  return event.redacted_by != 0 ? Paint::dim : Paint::none;
}

}  // namespace

TimelineLayout layout_of(const Session& session) {
  TimelineLayout layout;
  layout.number_columns =
      std::max(layout.number_columns, std::to_string(session.event_count).size() + 1);
  const std::int64_t whole_ms =
      std::max<std::int64_t>(milliseconds_between(session.created_at, session.updated_at), 0);
  layout.elapsed_columns = std::max(layout.elapsed_columns, elapsed_text(whole_ms).size());
  return layout;
}

Timeline::Timeline(Sink& sink, TimelineOptions options)
    : sink_{sink}, options_{std::move(options)} {}

std::size_t Timeline::columns() const {
  const std::size_t columns = options_.screen.columns;
  return columns == 0 ? columns_default : std::max(columns, columns_min);
}

void Timeline::begin(const Session& session) {
  const TimelineLayout wide = layout_of(session);
  layout_.number_columns = std::max(layout_.number_columns, wide.number_columns);
  layout_.elapsed_columns = std::max(layout_.elapsed_columns, wide.elapsed_columns);
  const std::string name = session.name.empty() ? "(unnamed)" : session.name;
  begin(fmt::format("{} · {} · {} UTC", name, short_id(session.id), time_text(session.created_at)));
}

void Timeline::begin(std::string_view title) {
  if (!options_.box) return;
  const std::string shown = printable_cut(title, columns() - 6);
  const std::size_t rest = columns() - 5 - display_width(shown);
  sink_.write(fmt::format("┌─ {} {}┐\n", shown, repeated("─", rest)));
}

void Timeline::event(const EventView& event) {
  if (!layout_.start) layout_.start = options_.start.value_or(event.timestamp);
  const std::string number =
      padded(fmt::format("#{}", event.sequence_number), layout_.number_columns);
  const std::string elapsed = padded(
      elapsed_text(milliseconds_between(*layout_.start, event.timestamp)), layout_.elapsed_columns);
  std::string session;
  if (options_.session_name) {
    const std::string name = options_.session_name(event.session_id);
    session = padded(printable_cut(name, session_columns_max), layout_.session_columns) + "  ";
  }
  const std::string type =
      padded(printable_cut(event.type, type_columns_max), layout_.type_columns);
  layout_.type_columns = std::min(layout_.type_columns, type_columns_shared_max);

  const std::string fixed = fmt::format("{}  {}  {}{}  ", number, elapsed, session, type);
  const std::size_t room = columns() - (options_.box ? 4 : 0);
  const std::size_t used = display_width(fixed);
  if (used >= room) {
    const std::string narrow = cut(fixed, room);
    line(narrow, narrow);
    return;
  }
  const bool color = options_.screen.color;
  const std::string what = summary(event, room - used);
  line(fixed + what, fmt::format("{}  {}  {}{}  {}", number, painted(elapsed, Paint::dim, color),
                                 session, type, painted(what, paint_of(event), color)));
}

void Timeline::line(std::string_view content, std::string_view colored) {
  if (!options_.box) {
    const std::size_t end = colored.find_last_not_of(' ') + 1;
    sink_.write(std::string{colored.substr(0, end)} + "\n");
    return;
  }
  const std::size_t room = columns() - 4;
  const std::size_t used = std::min(room, display_width(content));
  sink_.write(fmt::format("│ {}{} │\n", colored, std::string(room - used, ' ')));
}

void Timeline::end(const Totals& totals) {
  if (options_.box) sink_.write(fmt::format("└{}┘\n", repeated("─", columns() - 2)));
  sink_.write(total_text(totals) + "\n");
}

std::string total_text(const Totals& totals) {
  std::string text = "Total: " + counted(totals.events, "event");
  const auto add = [&](const std::string& part) { text += " | " + part; };
  const std::string cost = cost_text(totals);
  const std::int64_t in = totals.tokens_in;
  if (in != 0 || totals.tokens_out != 0) {
    Decimal tokens = Decimal::from_integer(in);
    // Two 64-bit integers fit; only the sum as an integer might not.
    tokens = tokens.plus(Decimal::from_integer(totals.tokens_out)).value_or(tokens);
    add(tokens.to_string() + " tokens");
  }
  if (!cost.empty()) add(cost == "unknown" ? "cost unknown" : cost);
  if (totals.tool_calls > 0) add(counted(totals.tool_calls, "tool call"));
  if (totals.tool_errors > 0) add(counted(totals.tool_errors, "tool error"));
  if (totals.errors > 0) add(counted(totals.errors, "error"));
  if (const auto duration = totals.duration_ms()) add(duration_text(*duration));
  return text;
}

}  // namespace agentstore::formats
