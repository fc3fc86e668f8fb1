// Events that outlive the batch that they came with: the newest N, or all of them backwards.

#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agentstore/event.hpp"
#include "agentstore/internal/temporary_file.hpp"
#include "agentstore/result.hpp"

namespace agentstore::cmd {

/// A copy of an event.
class OwnedEvent {
 public:
  explicit OwnedEvent(const EventView& event);
  /// Its views live as long as this.
  EventView view() const;

 private:
  friend class EventRuns;
  friend class EventStack;
  struct Span {
    std::uint64_t start;
    std::uint64_t size;
  };
  /// Everything but the bytes; says where in them each text lies.
  struct Record {
    EventView plain;
    std::array<Span, 7> texts;
    std::uint64_t bytes;
  };

  OwnedEvent(const Record& record, std::string bytes) : record_{record}, bytes_{std::move(bytes)} {}

  Record record_;
  std::string bytes_;
};

/// Last in, first out. Holds 16 MiB in memory, the rest in a temporary file without a name.
class EventStack {
 public:
  Result<void> push(const EventView& event);
  /// Gives every event to `take`, the newest first, until it says false.
  Result<void> drain(const std::function<bool(const EventView&)>& take);

 private:
  Result<void> spill();
  Result<void> load();

  std::string top_;  ///< records, each after its bytes
  std::vector<std::uint64_t> spilled_bytes_;
  TemporaryFile file_;
};

}  // namespace agentstore::cmd
