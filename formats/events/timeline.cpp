#include "formats/events/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "formats/events/call_pairs.hpp"
#include "formats/events/summary.hpp"
#include "formats/events/total_text.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/paint.hpp"
#include "formats/text/session_text.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t columns_default = 100;
constexpr std::size_t columns_wide = 4096;
constexpr std::size_t columns_min = 12;
constexpr std::size_t box_columns_min = 40;
// A type longer than the widest column that all types share stands out for its line alone.
constexpr std::size_t type_columns_max = 32;
constexpr std::size_t type_columns_shared_max = 16;
constexpr std::size_t type_columns_min = 13;
// By how many columns there are.
constexpr std::size_t who_columns_of(std::size_t columns) {
  return columns < 70 ? 8 : columns < columns_default ? 10 : 14;
}
constexpr std::size_t session_columns_max = 64;
constexpr std::size_t gap_columns = 2;

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  for (; times > 0; --times) out += piece;
  return out;
}

Paint paint_of(const EventView& event, bool tool_failed) {
  const EventKind kind = kind_of_type(event.type);
  if (tool_failed || kind == EventKind::error) return Paint::red;
  if (kind == EventKind::answer && is_thinking(event)) return Paint::dim;
  return event.redacted_by != 0 ? Paint::dim : Paint::none;
}

}  // namespace

TimelineLayout layout_of(const Session& session, std::uint64_t last) {
  TimelineLayout layout;
  const std::uint64_t number = std::max(session.event_count, last);
  layout.number_columns = std::max(layout.number_columns, std::to_string(number).size() + 1);
  return layout;
}

Timeline::Timeline(Sink& sink, TimelineOptions options)
    : sink_{sink},
      options_{std::move(options)},
      time_{options_.time, options_.screen.clock},
      outcomes_{room(), options_.talk.has_value(), options_.screen.color} {}

std::size_t Timeline::columns() const {
  if (options_.screen.wide) return columns_wide;
  const std::size_t columns = options_.screen.columns;
  return columns == 0 ? columns_default : std::max(columns, columns_min);
}

bool Timeline::has_box() const {
  return options_.box && !options_.screen.wide && columns() >= box_columns_min;
}

std::string Timeline::when_text(Timestamp first_at) const {
  const Clock& clock = time_.clock();
  const bool day_alone = time_.style() == TimeStyle::clock;
  return day_text(first_at, clock) + (day_alone ? "" : " " + time_of_day_text(first_at, clock)) +
         ", " + clock.zone;
}

void Timeline::begin(const Session& session, const std::string& title, Timestamp first_at) {
  if (time_.style() == TimeStyle::elapsed && options_.start) first_at = *options_.start;
  if (!options_.talk) {
    begin(shown_name(session.name, title) + " · " + short_id(session.id), first_at);
    return;
  }
  const auto project = session.labels.find("project");
  std::string text = session.name;
  if (text.empty() && project != session.labels.end()) text = project->second;
  text += (text.empty() ? "" : " · ") + short_id(session.id);
  if (session.name.empty() && !title.empty()) text += " · " + title;
  begin(text, first_at);
}

void Timeline::begin(std::string_view title, Timestamp first_at) {
  day_ = time_.day(first_at);
  const std::string when = printable(when_text(first_at));
  if (!has_box()) return begin_talk(title, when);
  const std::size_t when_columns = display_width(when);
  const std::size_t room_columns = columns() - 6;
  std::string shown;
  if (when_columns + 12 > room_columns) shown = printable_cut(title, room_columns);
  else shown = printable_cut(title, room_columns - when_columns - 3) + " · " + when;
  const std::size_t rest = columns() - 5 - display_width(shown);
  sink_.write(fmt::format("┌─ {} {}┐\n", shown, repeated("─", rest)));
}

// The day at the right.
void Timeline::begin_talk(std::string_view title, std::string_view when) {
  const std::size_t line_columns = options_.screen.wide ? columns_default : columns();
  const std::size_t when_columns = display_width(when);
  if (when_columns + 12 > line_columns) {
    sink_.write(printable_cut(title, line_columns) + "\n");
    return;
  }
  const std::size_t room_columns = line_columns - when_columns - gap_columns;
  const std::string shown = printable_cut(title, room_columns);
  sink_.write(shown + std::string(room_columns - display_width(shown) + gap_columns, ' '));
  sink_.write(std::string{when} + "\n");
}

void Timeline::go_on_with(const TimelineLayout& layout) {
  layout_ = layout;
  day_.reset();
  before_.reset();
  folded_.clear();
  held_.clear();
}

void Timeline::lines_follow(Timestamp first_at, Timestamp last_at) {
  new_day(first_at);
  day_ = time_.day(last_at);
}

void Timeline::event(const EventView& event, bool tool_failed) {
  if (options_.fold && fold(event)) return;
  new_day(event.timestamp);
  if (options_.pairs) {
    pair(event, tool_failed);
  } else {
    compose(event, tool_failed);
    write_line(line_);
  }
  before_ = event.timestamp;
}

bool Timeline::fold(const EventView& event) {
  const auto kind = bookkeeping_of(event);
  if (kind && (options_.talk || *kind != Bookkeeping::response)) {
    if (*kind != Bookkeeping::response || !take_use(event)) folded_.add(*kind);
    return true;
  }
  const EventKind next = kind_of_type(event.type);
  if (next == EventKind::message || next == EventKind::error) write_folded();
  return false;
}

void Timeline::write_folded() {
  if (!folded_.any()) return;
  line_.clear();
  line_.add_blanks(layout_.number_columns + gap_columns);
  const Line::Place begun = line_.end();
  line_.add(folded_.text() + " (-v shows them)");
  if (!line_.cut({}, room()) && options_.screen.color)
    line_.paint(begun, line_.end().bytes - begun.bytes, Paint::dim);
  folded_.clear();
  emit();
}

void Timeline::new_day(Timestamp at) {
  if (time_.style() != TimeStyle::clock) return;
  const std::int64_t day = time_.day(at);
  const bool same = day_.value_or(day) == day;
  day_ = day;
  if (same) return;
  write_folded();
  line_.clear();
  line_.add_blanks(layout_.number_columns + gap_columns);
  line_.add(day_text(at, time_.clock()));
  line_.cut({}, room());
  emit();
}

void Timeline::pair(const EventView& event, bool tool_failed) {
  const EventKind kind = kind_of_type(event.type);
  if (kind == EventKind::result) {
    if (HeldRow* const call = held_.call_of(event)) {
      complete(*call, event, tool_failed);
      held_.write_done([this](HeldRow& row) { write_row(row); });
      return;
    }
  }
  if (kind == EventKind::answer || kind == EventKind::message) stop_waiting(event);
  compose(event, tool_failed);
  const bool answer = awaits_use(event);
  if ((kind != EventKind::call && !answer) || event.redacted_by != 0) return emit();
  held_.add({.line = line_,
             .said = said_,
             .open = true,
             .answer = answer,
             .dim = answer && is_thinking(event),
             .use = answer ? use_told_by(event) : AnswerUse{},
             .session_id = std::string{event.session_id},
             .call_id = answer ? response_of(event) : call_id_of(event),
             .tool = tool_name_of(event).value_or(""),
             .at = event.timestamp,
             .edit = edit_size_of(event)});
  held_.write_done([this](HeldRow& row) { write_row(row); });
}

/// Whether another event, which is folded, may tell what a shown answer used.
bool Timeline::awaits_use(const EventView& event) const {
  return options_.talk && options_.pairs && options_.fold && event.redacted_by == 0 &&
         kind_of_type(event.type) == EventKind::answer && use_of(event).empty();
}

bool Timeline::take_use(const EventView& response) {
  HeldRow* const row = held_.answer_of(response.session_id);
  if (row == nullptr || row->call_id != response_of(response)) return false;
  AnswerUse use = use_of(response);
  if (use.empty()) return true;
  end_answer(*row, std::move(use));
  held_.write_done([this](HeldRow& done) { write_row(done); });
  return true;
}

void Timeline::stop_waiting(const EventView& answer) {
  HeldRow* const row = held_.answer_of(answer.session_id);
  if (row == nullptr) return;
  const bool same = !row->call_id.empty() && row->call_id == response_of(answer);
  end_answer(*row, same ? AnswerUse{} : std::move(row->use));
  held_.write_done([this](HeldRow& done) { write_row(done); });
}

void Timeline::end_answer(HeldRow& row, AnswerUse use) const {
  row.open = false;
  if (use.empty()) return;
  outcomes_.add(row.line, row.said,
                {std::move(use.tokens), {std::move(use.cost), {}, Paint::none}});
}

void Timeline::emit() {
  if (held_.empty()) return write_line(line_);
  held_.add({.line = line_, .said = {}});
  held_.write_done([this](HeldRow& row) { write_row(row); });
}

void Timeline::complete(HeldRow& row, const EventView& result, bool failed) const {
  row.open = false;
  Outcome outcome;
  const auto told = duration_ms_of(result);
  const std::int64_t took = told.value_or(milliseconds_between(row.at, result.timestamp));
  // Of two times that are the same, nobody looked at a clock.
  if (told ? took >= 0 : took > 0) outcome.length = duration_text(took);
  const std::size_t right = outcomes_.columns_of(room() - std::min(room(), row.said.columns));
  outcome.ending = ending_of(result, failed, std::max<std::size_t>(right, 20) * 4);
  if (!failed && row.edit) outcome.ending = {edit_text(*row.edit), {}, Paint::none};
  outcomes_.add(row.line, row.said, outcome);
}

void Timeline::add_time(const EventView& event) {
  if (time_.style() == TimeStyle::clock) return time_.add(line_, event.timestamp, {}, {});
  if (!layout_.start && time_.style() == TimeStyle::elapsed && !options_.start)
    layout_.start = event.timestamp;
  const Timestamp start = options_.start.value_or(layout_.start.value_or(event.timestamp));
  cell_.clear();
  time_.add(cell_, event.timestamp, start, before_);
  const std::size_t used = cell_.end().columns;
  layout_.time_columns = std::max({layout_.time_columns, time_.columns_min(), used});
  line_.add_blanks(layout_.time_columns - used);
  line_.add(cell_);
}

void Timeline::compose(const EventView& event, bool tool_failed) {
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
  const Line::Place time = begun;
  add_time(event);
  const std::size_t time_bytes = line_.end().bytes - time.bytes;
  end_cell(layout_.time_columns);
  if (options_.session_name) {
    line_.add_printable(options_.session_name(event.session_id), session_columns_max);
    end_cell(layout_.session_columns);
  }
  if (options_.talk) {
    layout_.type_columns = who_columns_of(columns());
    add_who(line_, event, *options_.talk, options_.screen.wide ? columns() : layout_.type_columns);
    end_cell(layout_.type_columns);
  } else {
    line_.add_printable(event.type, type_columns_max);
    layout_.type_columns = std::max(layout_.type_columns, type_columns_min);
    end_cell(layout_.type_columns);
    layout_.type_columns = std::min(layout_.type_columns, type_columns_shared_max);
  }
  said_ = begun;
  if (begun.columns >= room()) {
    line_.cut({}, room());
    return;
  }
  if (options_.talk) compose_talk(event, tool_failed);
  else add_said(event, room() - begun.columns, tool_failed);
  if (!options_.screen.color) return;
  const std::size_t before = line_.end().bytes;
  line_.paint(time, time_bytes, Paint::dim);
  said_.bytes += line_.end().bytes - before;
}

void Timeline::add_said(const EventView& event, std::size_t left, bool tool_failed) {
  if (options_.excerpt) {
    if (const auto found = options_.excerpt(event)) {
      const Mark mark = options_.screen.color ? Mark::colour
                        : options_.marks      ? Mark::quotes
                                              : Mark::none;
      return add_excerpt(line_, *found, left, mark);
    }
  }
  const Line::Place begun = line_.end();
  if (options_.talk) add_what(line_, event, *options_.talk, left, tool_failed);
  else add_summary(line_, event, left, tool_failed);
  // What waits is cut for what comes, and then painted.
  if (options_.screen.color && !awaits_use(event))
    line_.paint(begun, line_.end().bytes - begun.bytes, paint_of(event, tool_failed));
}

void Timeline::compose_talk(const EventView& event, bool tool_failed) {
  const std::size_t left = room() - said_.columns;
  const EventKind kind = kind_of_type(event.type);
  const Outcome outcome = outcome_of(event);
  const bool waits = options_.pairs && kind == EventKind::call;
  if (outcome.empty() && !waits) return add_said(event, left, tool_failed);
  std::size_t right = outcomes_.columns_of(left);
  if (kind == EventKind::answer || (right == 0 && !waits))
    right = display_width(outcome.length) + display_width(outcome.ending.words) + gap_columns;
  else if (right == 0) right = left / 2;
  right = std::min(right, left / 2);
  add_said(event, left - right - std::min(left - right, gap_columns), tool_failed);
  if (!outcome.empty() && !waits) outcomes_.add(line_, said_, outcome);
}

Outcome Timeline::outcome_of(const EventView& event) const {
  if (event.redacted_by != 0) return {};
  Outcome outcome;
  switch (kind_of_type(event.type)) {
    case EventKind::answer: {
      AnswerUse use = use_of(event);
      outcome.length = std::move(use.tokens);
      outcome.ending.words = std::move(use.cost);
      return outcome;
    }
    case EventKind::result:
      if (const auto took = duration_ms_of(event); took && *took >= 0)
        outcome.length = duration_text(*took);
      return outcome;
    case EventKind::call:
      if (const auto edit = edit_size_of(event)) outcome.ending.words = edit_text(*edit);
      return outcome;
    default: return outcome;
  }
}

void Timeline::write_row(HeldRow& row) {
  if (row.open && row.answer) end_answer(row, std::move(row.use));
  // On a narrow screen there may be no room for what it says.
  if (row.dim && options_.screen.color && row.said.bytes < row.line.end().bytes)
    row.line.paint(row.said, row.line.end().bytes - row.said.bytes, Paint::dim);
  write_line(row.line);
}

void Timeline::write_line(Line& line) {
  if (has_box()) {
    line.add_blanks(room() - std::min(room(), line.end().columns));
    sink_.write("│ ");
    sink_.write(line.text());
    sink_.write(" │\n");
  } else {
    line.trim();
    sink_.write(line.text());
    sink_.write("\n");
  }
}

void Timeline::finish() {
  held_.write_all([this](HeldRow& row) {
    if (row.open && !row.answer && options_.tells_unanswered)
      outcomes_.add(row.line, row.said, {.length = {}, .ending = {"no result", {}, Paint::yellow}});
    write_row(row);
  });
  write_folded();
}

void Timeline::end(const Totals& totals) {
  finish();
  if (has_box()) sink_.write(fmt::format("└{}┘\n", repeated("─", columns() - 2)));
  sink_.write(total_text(totals, columns()) + "\n");
}

}  // namespace agentstore::formats
