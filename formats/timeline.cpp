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
constexpr std::size_t gap_columns = 2;

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  for (; times > 0; --times) out += piece;
  return out;
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
  text_.clear();
  std::size_t used = 0;
  // Widens its column to what was needed.
  const auto add = [&](std::string_view printable_text, std::size_t& columns) {
    const std::size_t width = display_width(printable_text);
    columns = std::max(columns, width);
    text_.append(printable_text).append(columns - width + gap_columns, ' ');
    used += columns + gap_columns;
  };
  add("#" + std::to_string(event.sequence_number), layout_.number_columns);
  const std::size_t elapsed_at = text_.size();
  add(elapsed_text(milliseconds_between(*layout_.start, event.timestamp)), layout_.elapsed_columns);
  const std::size_t elapsed_bytes = text_.size() - gap_columns - elapsed_at;
  if (options_.session_name) {
    const std::string name = options_.session_name(event.session_id);
    add(printable_cut(name, session_columns_max), layout_.session_columns);
  }
  add(printable_cut(event.type, type_columns_max), layout_.type_columns);
  layout_.type_columns = std::min(layout_.type_columns, type_columns_shared_max);

  const std::size_t room = columns() - (options_.box ? 4 : 0);
  if (used >= room) {
    text_ = cut(text_, room);
    write_line(display_width(text_));
    return;
  }
  const std::string what = summary(event, room - used);
  used += display_width(what);
  if (options_.screen.color) {
    const std::string elapsed = text_.substr(elapsed_at, elapsed_bytes);
    text_.replace(elapsed_at, elapsed_bytes, painted(elapsed, Paint::dim, true));
    text_ += painted(what, paint_of(event), true);
  } else {
    text_ += what;
  }
  write_line(used);
}

void Timeline::write_line(std::size_t used_columns) {
  if (options_.box) {
    sink_.write("│ ");
    const std::size_t room = columns() - 4;
    text_.append(room - std::min(room, used_columns), ' ').append(" │");
  } else {
    text_.resize(text_.find_last_not_of(' ') + 1);
  }
  sink_.write(text_ += '\n');
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
