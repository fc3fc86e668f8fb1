// The way through a session: forward is a fold, back goes on from the nearest state that was kept
// on the way, one for every 1024 events, of which at most 256 are kept, evenly spaced.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cmd/input/event_spill.hpp"
#include "cmd/replay/step.hpp"

namespace agentstore::cmd {

/// An event that is shown, with the states around it.
struct Frame {
  OwnedEvent event;
  std::string before;
  std::string after;
};

class Stepper {
 public:
  Stepper(StepSource source, ProjectionGroup& fold) : source_{std::move(source)}, fold_{fold} {}

  const std::optional<Frame>& frame() const { return frame_; }
  std::uint64_t here() const { return frame_ ? frame_->event.view().sequence_number : 0; }
  /// When the first event that is shown was.
  std::optional<Timestamp> start() const { return start_; }
  bool at_end() const { return at_end_; }
  const std::vector<std::string>& types() const { return source_.shown.types; }
  /// The events whose redacted payloads the state of the frame lacks.
  std::span<const std::uint64_t> incomplete() const;

  /// To the next event that is shown, from `sequence_number` on; stays where there is none.
  Result<void> forward(std::uint64_t sequence_number = 0);
  Result<void> back();
  Result<void> last();
  /// To the first one at or after `sequence_number`.
  Result<void> go_to(std::uint64_t sequence_number);

  using Predicate = std::function<bool(const EventView&)>;
  /// To the nearest event that is shown, after this one or before it, of which that is true; false:
  /// there is none, and it stays.
  Result<bool> find(const Predicate& wanted, bool forwards);
  /// Shows events of these types alone; empty: all. False: there is none, and nothing changes.
  Result<bool> show_types(std::vector<std::string> types);

 private:
  void note_incomplete();
  void note_passed(const EventView& event);
  Result<const EventView*> next();
  void keep();
  Result<void> rewind(std::uint64_t sequence_number);

  StepSource source_;
  ProjectionGroup& fold_;
  std::unique_ptr<EventReader> reader_;
  std::span<const EventView> batch_;
  std::size_t at_ = 0;
  std::uint64_t folded_ = 0;  // the last event that is in the fold
  std::optional<Frame> frame_;
  std::vector<std::uint64_t> passed_;      // the events to show, as far as was read
  std::vector<std::uint64_t> incomplete_;  // ascending
  std::optional<Timestamp> start_;
  std::map<std::uint64_t, std::vector<std::string>> kept_;
  std::uint64_t kept_every_ = 1024;
  bool at_end_ = false;
};

}  // namespace agentstore::cmd
