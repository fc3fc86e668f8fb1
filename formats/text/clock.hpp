// Instants as the clocks of a time zone show them.

#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "agentstore/timestamp.hpp"

namespace agentstore::formats {

/// The clocks of a zone.
struct Clock {
  std::function<std::int64_t(std::int64_t utc_s)> offset_s;  ///< ahead of UTC; empty: none
  std::string zone = "UTC";                                  ///< its name, for people

  /// What they show at an instant, in seconds after 1970-01-01T00:00:00 of their own.
  std::int64_t shown_s(Timestamp at) const {
    return at.seconds + (offset_s ? offset_s(at.seconds) : 0);
  }
};

/// The date that clocks show `clock_s` seconds after 1970-01-01T00:00:00 of their own:
/// "2026-03-07". Beyond the years 0000 to 9999, where the clocks of a zone may be at the ends of
/// the calendar, as ISO 8601 has it: "-0001-12-31", "+10000-01-01".
std::string date_of(std::int64_t clock_s);
/// Their hour: "09".
std::string hour_of(std::int64_t clock_s);

/// "2026-03-07"
std::string date_text(Timestamp at, const Clock& clock);
/// "14:02:11"
std::string time_of_day_text(Timestamp at, const Clock& clock);
/// "2026-03-07 14:02:11"
std::string time_text(Timestamp at, const Clock& clock);
/// "Sun 8 Feb 2026"
std::string day_text(Timestamp at, const Clock& clock);

}  // namespace agentstore::formats
