// The timeline: a session for people, a line an event, a total below.
//
//   ┌─ flight-search · 3f6c0f5e · Sat 7 Mar 2026, UTC ──────────────────────┐
//   │ #1  12:00:00  user_message   "Find flights BER → MUC next Friday"     │
//   └───────────────────────────────────────────────────────────────────────┘
//   Total: 1 event | 0 ms
//
// What another tool recorded reads as the conversation that it was, without a box:
//
//   shop-api · 1284c080 · got merge conflicts…            Sun 8 Feb 2026, Europe/Berlin
//   #971  14:02:11  user      now run the tests again
//   #972  14:02:19  Bash      mise run test                      41.0 s  failed: exit 1
//         12 hook and progress events (-v shows them)

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/event.hpp"
#include "agentstore/session.hpp"
#include "formats/events/bookkeeping.hpp"
#include "formats/events/excerpt.hpp"
#include "formats/events/held_rows.hpp"
#include "formats/events/outcome.hpp"
#include "formats/events/talk.hpp"
#include "formats/events/time_column.hpp"
#include "formats/text/line.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

struct TimelineOptions {
  Screen screen = {};  ///< without columns: 100
  /// Off: no frame, so that lines begin with `#N`.
  bool box = true;
  TimeStyle time = TimeStyle::clock;
  /// From when elapsed times count; otherwise from the first event that is shown.
  std::optional<Timestamp> start = std::nullopt;
  /// Who acted instead of an event's type, and words without quotes.
  std::optional<TalkNames> talk = std::nullopt;
  /// A tool's call and its result are one line, at the place of the call.
  bool pairs = false;
  /// That a call has no result among the events is said.
  bool tells_unanswered = false;
  /// Bookkeeping is counted in a line before the next message.
  bool fold = false;
  /// Set: events of many sessions, each line naming its own, by what this gives for an id.
  std::function<std::string(std::string_view session_id)> session_name = nullptr;
  /// Set: shown instead of what the event says.
  std::function<std::optional<Excerpt>(const EventView&)> excerpt = nullptr;
  bool marks = false;  ///< without colour, what was looked for is in «»
};

/// How the lines of a timeline are laid out. Widths grow with what was shown, so that lines stay in
/// columns as far as a stream can know.
struct TimelineLayout {
  std::optional<Timestamp> start = std::nullopt;  ///< from when elapsed times count, once known
  std::size_t number_columns = 2;
  std::size_t time_columns = 8;
  std::size_t session_columns = 8;
  std::size_t type_columns = 0;
  friend bool operator==(const TimelineLayout&, const TimelineLayout&) = default;
};

/// As wide as the last event of a session will need, whose number is `last`.
TimelineLayout layout_of(const Session& session, std::uint64_t last);

/// Streams: memory does not grow with the events. Call begin once, event for each, end once.
class Timeline {
 public:
  Timeline(Sink& sink, TimelineOptions options);

  /// `title`: of a session without a name. `first_at`: of the first event that is shown.
  void begin(const Session& session, const std::string& title, Timestamp first_at);
  /// For events that are of no one session: says `title` in the frame.
  void begin(std::string_view title, Timestamp first_at);
  void event(const EventView& event) { this->event(event, is_tool_error(event)); }
  /// The same, where is_tool_error is known already.
  void event(const EventView& event, bool tool_failed);
  /// Writes what waits for events that may follow.
  void finish();
  /// Finishes, and writes the frame's end and the total.
  void end(const Totals& totals);

  // Lines of one timeline that several make, one after the other.

  const TimelineLayout& layout() const { return layout_; }
  /// Begins anew, with the layout that another ended with, on the day of the first event.
  void go_on_with(const TimelineLayout& layout);
  /// Lines of another follow, of which these are the first and last event.
  void lines_follow(Timestamp first_at, Timestamp last_at);

 private:
  std::size_t columns() const;
  std::size_t room() const { return columns() - (has_box() ? 4 : 0); }
  bool has_box() const;
  void begin_talk(std::string_view title, std::string_view when);
  std::string when_text(Timestamp first_at) const;

  bool fold(const EventView& event);
  void write_folded();
  void new_day(Timestamp at);
  void pair(const EventView& event, bool tool_failed);
  bool awaits_use(const EventView& event) const;
  bool take_use(const EventView& response);
  void stop_waiting(const EventView& answer);
  void end_answer(HeldRow& row, AnswerUse use) const;
  void compose(const EventView& event, bool tool_failed);
  void add_time(const EventView& event);
  void add_said(const EventView& event, std::size_t left, bool tool_failed);
  void compose_talk(const EventView& event, bool tool_failed);
  Outcome outcome_of(const EventView& event) const;
  void complete(HeldRow& row, const EventView& result, bool failed) const;
  void emit();
  void write_row(HeldRow& row);
  void write_line(Line& line);

  Sink& sink_;
  TimelineOptions options_;
  TimelineLayout layout_;
  TimeColumn time_;
  OutcomeColumn outcomes_;
  Line line_;  // the one that is being written
  Line cell_;
  Line::Place said_;                 // where what the event says begins, in line_
  std::optional<std::int64_t> day_;  // that was told last
  std::optional<Timestamp> before_;
  FoldedEvents folded_;
  HeldRows held_;
};

}  // namespace agentstore::formats
