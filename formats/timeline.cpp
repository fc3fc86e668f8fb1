#include "formats/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "agentstore/analysis/kinds.hpp"
#include "agentstore/event.hpp"
#include "formats/escape.hpp"
#include "formats/paint.hpp"
#include "formats/sessions.hpp"
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
constexpr std::size_t gap_columns = 2;

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  for (; times > 0; --times) out += piece;
  return out;
}

Paint paint_of(const EventView& event, bool tool_failed) {
  if (tool_failed || kind_of_type(event.type) == EventKind::error) return Paint::red;
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

void Timeline::begin(const Session& session, const std::string& title) {
  const TimelineLayout wide = layout_of(session);
  layout_.number_columns = std::max(layout_.number_columns, wide.number_columns);
  layout_.elapsed_columns = std::max(layout_.elapsed_columns, wide.elapsed_columns);
  const std::string name = shown_name(session.name, title);
  begin(fmt::format("{} · {} · {} UTC", name, short_id(session.id), time_text(session.created_at)));
}

void Timeline::begin(std::string_view title) {
  if (!options_.box) return;
  const std::string shown = printable_cut(title, columns() - 6);
  const std::size_t rest = columns() - 5 - display_width(shown);
  sink_.write(fmt::format("┌─ {} {}┐\n", shown, repeated("─", rest)));
}

void Timeline::event(const EventView& event, bool tool_failed) {
  if (!layout_.start) layout_.start = options_.start.value_or(event.timestamp);
  line_.clear();
  Line::Place begun;
  // Widens its column to what was needed.
  const auto end_cell = [&](std::size_t& columns) {
    const std::size_t used = line_.columns_since(begun);
    columns = std::max(columns, used);
    line_.add_blanks(columns - used + gap_columns);
    begun = line_.end();
  };
  line_.add("#");
  line_.add_number(event.sequence_number);
  end_cell(layout_.number_columns);
  const Line::Place elapsed = begun;
  line_.add(elapsed_text(milliseconds_between(*layout_.start, event.timestamp)));
  end_cell(layout_.elapsed_columns);
  const std::size_t elapsed_bytes = begun.bytes - gap_columns - elapsed.bytes;
  if (options_.session_name) {
    line_.add_printable(options_.session_name(event.session_id), session_columns_max);
    end_cell(layout_.session_columns);
  }
  line_.add_printable(event.type, type_columns_max);
  end_cell(layout_.type_columns);
  layout_.type_columns = std::min(layout_.type_columns, type_columns_shared_max);

  const std::size_t room = columns() - (options_.box ? 4 : 0);
  if (begun.columns >= room) {
    line_.cut({}, room);
  } else {
    add_summary(line_, event, room - begun.columns, tool_failed);
    if (options_.screen.color) {
      line_.paint(begun, line_.end().bytes - begun.bytes, paint_of(event, tool_failed));
      line_.paint(elapsed, elapsed_bytes, Paint::dim);
    }
  }
  write_line(room);
}

void Timeline::write_line(std::size_t room) {
  if (options_.box) {
    line_.add_blanks(room - std::min(room, line_.end().columns));
    sink_.write("│ ");
    sink_.write(line_.text());
    sink_.write(" │\n");
  } else {
    line_.trim();
    sink_.write(line_.text());
    sink_.write("\n");
  }
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
    add(separated(tokens.to_string()) + " tokens");
  }
  const std::string lacking = unknown_costs_text(totals);
  if (!cost.empty())
    add(cost == "unknown" ? "cost unknown" : lacking.empty() ? cost : cost + " " + lacking);
  if (totals.tool_calls > 0) add(counted(totals.tool_calls, "tool call"));
  if (totals.tool_errors > 0) add(counted(totals.tool_errors, "tool error"));
  if (totals.errors > 0) add(counted(totals.errors, "error"));
  if (const auto duration = totals.duration_ms()) add(duration_text(*duration));
  return text;
}

}  // namespace agentstore::formats
