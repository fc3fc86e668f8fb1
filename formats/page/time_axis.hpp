// A time axis on which long idle stretches are cut: an hour of work, a night, an hour of work take
// two hours' room.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agentstore/timestamp.hpp"
#include "formats/text/clock.hpp"

namespace agentstore::formats {

/// An instant in milliseconds since 1970-01-01T00:00:00Z.
std::int64_t milliseconds_of(Timestamp at);
/// The contrary.
Timestamp instant_of(std::int64_t at_ms);

/// When something was at work, both ends included.
struct BusyTime {
  std::int64_t begin_ms = 0;
  std::int64_t end_ms = 0;
};

/// Whether idle stretches are cut.
enum class Idle { cut, kept };

/// A pure value: places of instants on a line.
class TimeAxis {
 public:
  struct Cut {
    double x = 0;  ///< its middle
    std::int64_t idle_ms = 0;
  };
  struct Tick {
    double x = 0;
    std::string label;
  };

  /// An axis from `left` to `right` over everything in `busy`, in any order. Idle stretches of ten
  /// minutes and more are cut; longer ones alone, where there are many.
  TimeAxis(std::vector<BusyTime> busy, double left, double right, Idle idle);

  /// Whether there are two instants at all.
  bool has_length() const { return has_length_; }
  /// Where an instant lies; before the first or after the last, and within a cut, the nearest end.
  double x_of(std::int64_t at_ms) const;
  const std::vector<Cut>& cuts() const { return cuts_; }
  /// Times of day, or dates, `apart` or more from each other.
  std::vector<Tick> ticks(const Clock& clock, double apart) const;

 private:
  struct Piece {
    std::int64_t begin_ms = 0;
    std::int64_t end_ms = 0;
    double left = 0;
    double right = 0;
  };
  void place(double left, double right);

  std::vector<Piece> pieces_;
  std::vector<Cut> cuts_;
  bool has_length_ = false;
};

}  // namespace agentstore::formats
