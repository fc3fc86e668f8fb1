// The events of several inputs in one order of time.

#pragma once

#include <deque>
#include <span>
#include <vector>

#include "agentstore/reader.hpp"
#include "cmd/input/event_spill.hpp"
#include "cmd/input/input.hpp"

namespace agentstore::cmd {

/// Holds all of them in memory.
class EventsInMemory {
 public:
  /// Errors: those of reading, with advice.
  static Result<EventsInMemory> read(const Inputs& inputs, const ReadOptions& options);

  /// In order of time, session id, sequence number; those of a session stay in their own order.
  /// The views live as long as this, or what it was moved into.
  std::span<const EventView> events() const { return views_; }
  /// What was learnt of each input, in their order.
  std::span<const ReadReport> reports() const { return reports_; }

 private:
  Result<void> add(const Input& input, const ReadOptions& options);
  void sort();

  struct Place {
    Timestamp at;  ///< of the session's events up to here, the latest
    const OwnedEvent* event;
  };
  std::deque<OwnedEvent> events_;
  std::vector<Place> order_;
  std::vector<EventView> views_;
  std::vector<ReadReport> reports_;
};

}  // namespace agentstore::cmd
