// The lines of some events of a log, where what keeps it finds them without reading the others.

#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agentstore/result.hpp"
#include "agentstore/timestamp.hpp"
#include "agentstore/verification.hpp"
#include "log/line.hpp"
#include "log/position.hpp"

namespace agentstore::log {

/// Which events of a log. All conditions hold together.
struct Wanted {
  std::uint64_t first = 1;  ///< by its number
  std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
  std::optional<Timestamp> since = std::nullopt;  ///< inclusive
  std::optional<Timestamp> until = std::nullopt;  ///< inclusive
  /// Patterns in which `*` stands for any text. Empty: every type.
  std::vector<std::string> types = {};
  std::vector<std::string> not_types = {};
};

/// Reads them as a Scanner does the lines of all. Used by one thread.
class Selection {
 public:
  virtual ~Selection() = default;

  /// The next lines; empty at the end. Views live until the next call. Every line is checked by
  /// itself, and with the one before it where that was given. Errors: io; corrupt.
  virtual Result<std::span<const Line>> next() = 0;
  /// At the end: behind the log's last event, or the last one by number that was asked for.
  virtual const Position& position() const = 0;
  virtual const ReadReport& report() const = 0;
};

}  // namespace agentstore::log
