// The column of a timeline that says when.

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "agentstore/timestamp.hpp"
#include "formats/text/clock.hpp"
#include "formats/text/line.hpp"

namespace agentstore::formats {

enum class TimeStyle {
  clock,    ///< "14:02:11"; the day is told apart from it
  iso,      ///< "2026-02-08T14:02:11.204+01:00"
  elapsed,  ///< "02:11.204", since the session's start
  delta,    ///< "+1.204 s", since the line before
};

std::optional<TimeStyle> parse_time_style(std::string_view name);

/// One at a time may use it: it remembers how far ahead of UTC the clock is.
class TimeColumn {
 public:
  TimeColumn(TimeStyle style, Clock clock) : style_{style}, clock_{std::move(clock)} {}

  TimeStyle style() const { return style_; }
  const Clock& clock() const { return clock_; }
  /// Columns that its cells have at least.
  std::size_t columns_min() const;
  /// The day of an instant, in days after 1970-01-01.
  std::int64_t day(Timestamp at);
  /// Adds the cell. `start`: for elapsed; `before`: for delta, nothing on the first line.
  void add(Line& line, Timestamp at, Timestamp start, std::optional<Timestamp> before);

 private:
  std::int64_t shown_s(Timestamp at);

  TimeStyle style_;
  Clock clock_;
  std::int64_t block_ = std::numeric_limits<std::int64_t>::min();  // whose offset is known
  std::int64_t offset_s_ = 0;
};

}  // namespace agentstore::formats
