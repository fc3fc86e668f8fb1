// The timeline: a session for people, a line an event, in a box, with a total below.
//
//   ┌─ flight-search · 3f6c0f5e · 2026-03-07 12:00:00 UTC ──────────────────┐
//   │ #1  00:00.000  user_message   "Find flights BER → MUC next Friday"    │
//   └───────────────────────────────────────────────────────────────────────┘
//   Total: 1 event | 0.00 s

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/event.hpp"
#include "agentstore/session.hpp"
#include "formats/line.hpp"
#include "formats/sink.hpp"

namespace agentstore::formats {

struct TimelineOptions {
  Screen screen = {};  ///< without columns: 100
  /// Off: no frame, so that lines begin with `#N`.
  bool box = true;
  /// From when elapsed times count; otherwise from the first event that is shown.
  std::optional<Timestamp> start = std::nullopt;
  /// Set: events of many sessions, each line naming its own, by what this gives for an id.
  std::function<std::string(std::string_view session_id)> session_name = nullptr;
};

/// How the lines of a timeline are laid out. Widths grow with what was shown, so that lines stay in
/// columns as far as a stream can know.
struct TimelineLayout {
  std::optional<Timestamp> start = std::nullopt;  ///< from when elapsed times count
  std::size_t number_columns = 2;
  std::size_t elapsed_columns = 9;
  std::size_t session_columns = 8;
  std::size_t type_columns = 13;
  friend bool operator==(const TimelineLayout&, const TimelineLayout&) = default;
};

/// As wide as the last event of a session will need.
TimelineLayout layout_of(const Session& session);

/// Streams: memory does not grow with the events. Call begin once, event for each, end once.
class Timeline {
 public:
  Timeline(Sink& sink, TimelineOptions options);

  /// `title`: of a session without a name.
  void begin(const Session& session, const std::string& title = {});
  /// For events that are of no one session: says `title` in the frame.
  void begin(std::string_view title);
  void event(const EventView& event) { this->event(event, is_tool_error(event)); }
  /// The same, where is_tool_error is known already.
  void event(const EventView& event, bool tool_failed);
  void end(const Totals& totals);
  /// Where another timeline goes on with the lines of this one, or this one with another's.
  const TimelineLayout& layout() const { return layout_; }
  void go_on_with(const TimelineLayout& layout) { layout_ = layout; }

 private:
  void write_line(std::size_t room_columns);
  std::size_t columns() const;

  Sink& sink_;
  TimelineOptions options_;
  TimelineLayout layout_;
  Line line_;  // the one that is being written
};

/// "Total: 8 events | 1,170 tokens | $0.018 | 1 tool call | 1 error | 2.1 s". What does not apply
/// is left out; a cost that some events lack is said to be incomplete or unknown.
std::string total_text(const Totals& totals);

}  // namespace agentstore::formats
