// Points in time: which events of a session's history count.

#pragma once

#include <cstdint>
#include <optional>

#include "agentstore/filter.hpp"
#include "agentstore/timestamp.hpp"

namespace agentstore {

/// All conditions hold together; a default point is now. Times may run backwards in a log: those
/// events count whose own time fits, in sequence order.
struct Point {
  std::optional<std::uint64_t> sequence_number = std::nullopt;  ///< up to this one; 0: none
  std::optional<Timestamp> at = std::nullopt;                   ///< inclusive
  std::optional<Timestamp> before = std::nullopt;               ///< exclusive

  bool is_now() const { return !sequence_number && !at && !before; }
};

/// The events that count at `point`.
Filter filter_of(const Point& point);

}  // namespace agentstore
