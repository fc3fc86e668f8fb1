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

#include "agentstore/event.hpp"
#include "agentstore/session.hpp"
#include "agentstore/stats.hpp"
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

/// Streams: memory does not grow with the events. Call begin once, event for each, end once.
class Timeline {
 public:
  Timeline(Sink& sink, TimelineOptions options);

  void begin(const Session& session);
  /// For events that are of no one session: says `title` in the frame.
  void begin(std::string_view title);
  void event(const EventView& event);
  void end(const Totals& totals);

 private:
  void line(std::string_view content, std::string_view colored);
  std::size_t columns() const;

  Sink& sink_;
  TimelineOptions options_;
  std::optional<Timestamp> start_;
  // Widths grow with what was seen, so that lines stay in columns as far as a stream can know.
  std::size_t number_columns_ = 2;
  std::size_t elapsed_columns_ = 9;
  std::size_t session_columns_ = 8;
  std::size_t type_columns_ = 13;
};

/// "Total: 8 events | 1170 tokens | $0.018 | 1 tool call | 1 error | 2.11 s". What does not apply
/// is left out; a cost that some events lack is said to be incomplete or unknown.
std::string total_text(const Totals& totals);

}  // namespace agentstore::formats
