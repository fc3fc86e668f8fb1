// The stored lines of a session, one by one.

#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "agentstore/reader.hpp"

namespace agentstore::cmd {

class EventLines {
 public:
  /// `reader` outlives it, and reads raw.
  explicit EventLines(EventReader& reader) : reader_{reader} {}

  /// The view lives until the next call; nothing at the end. Errors: as EventReader::next.
  Result<std::optional<std::string_view>> next() {
    if (next_ == batch_.size()) {
      const auto events = reader_.next();
      if (!events) return std::unexpected{events.error()};
      if (events->empty()) return std::nullopt;
      batch_ = *events;
      next_ = 0;
    }
    return batch_[next_++].line;
  }

 private:
  EventReader& reader_;
  std::span<const EventView> batch_;
  std::size_t next_ = 0;
};

}  // namespace agentstore::cmd
