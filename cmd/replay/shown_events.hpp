// Events that are shown whole, and what belongs to each: its call or result, its cause, what it
// caused.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/whatif.hpp"
#include "formats/answers/show.hpp"
#include "formats/events/call_pairs.hpp"

namespace agentstore::cmd {

/// "S#12", "S#3..7", "S#EVENT-ID": a session and which of its events; without `#` no event.
struct EventWord {
  std::string_view session;
  std::string_view event;
};
EventWord parse_event_word(std::string_view word);

/// Events one after another, both ends included.
struct EventRange {
  std::uint64_t from = 1;
  std::uint64_t to = 0;
  bool has(std::uint64_t number) const { return from <= number && number <= to; }
};

/// Finds what was named, and gives it with what belongs to it. Reads the whole log; memory grows
/// with its calls and with the events that are shown.
class ShownEvents {
 public:
  /// `history` has to outlive it.
  ShownEvents(const History& history, std::string label, OnCorrupt on_corrupt)
      : history_{history}, label_{std::move(label)}, on_corrupt_{on_corrupt} {}

  /// Sequence numbers, "A..B", event ids; none: the last event. Errors: invalid; not_found, naming
  /// the last event; those of reading.
  Result<void> choose(const std::vector<std::string>& words);
  /// The last event that was chosen. Errors: those of reading.
  Result<std::uint64_t> last_chosen();
  /// In the order of the log; the views live as long as the call. `take` says whether to go on.
  /// Errors: those of reading.
  Result<ReadReport> each(const std::function<bool(const formats::ShownEvent&)>& take);

 private:
  Result<void> choose_one(std::string_view word);
  Result<std::uint64_t> last();
  Result<void> see_all();
  bool is_shown(std::uint64_t number) const;
  void note_shown(const EventView& event);
  void note_any(const EventView& event);
  void add_links(formats::ShownEvent& shown) const;

  const History& history_;
  const std::string label_;
  const OnCorrupt on_corrupt_;
  std::vector<EventRange> ranges_;
  formats::CallPairs pairs_;
  std::map<std::uint64_t, std::string> types_;             // of the events that are shown
  std::map<std::string, std::uint64_t> ids_;               // likewise
  std::map<std::string, formats::EventReference> causes_;  // by the ids that those name
  std::map<std::uint64_t, std::vector<formats::EventReference>> caused_;
};

}  // namespace agentstore::cmd
