// Times as people write them: "yesterday", "3h ago", "2026-03-07", in a time zone.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"
#include "agentstore/timestamp.hpp"
#include "formats/text/clock.hpp"

namespace agentstore::cmd {

/// A time zone of the system's zone files; UTC unless loaded. One at a time in a process.
class Zone {
 public:
  /// "UTC", "local", or a name like "Europe/Berlin". Errors: invalid.
  static Result<Zone> load(std::string_view name);

  /// Seconds that the zone's clocks are ahead of UTC at an instant.
  std::int64_t offset_s(std::int64_t utc_s) const;
  /// The instant at which the zone's clocks show `local_s` (as if it were UTC), the earlier of two.
  /// Errors: invalid, where the zone skips it.
  Result<std::int64_t> to_utc(std::int64_t local_s) const;
  /// The first instant at which the clocks show `local_s` or later.
  std::int64_t first_at_or_after(std::int64_t local_s) const;
  /// Another text for each zone whose clocks differ, as far as one looks once a week.
  std::string fingerprint() const;
  /// For what shows times.
  formats::Clock clock() const;

 private:
  bool utc_ = true;
  std::string name_ = "UTC";
};

/// What a date alone means, and a week, a month or a year.
enum class Day { first_instant, last_instant };

/// Reads RFC 3339, a date, a date and time (of `zone`), "@epoch", and times in words; see
/// `parse_time_words`. Errors: invalid.
Result<Timestamp> parse_time(std::string_view text, Day day, const Zone& zone, Timestamp now);

}  // namespace agentstore::cmd
