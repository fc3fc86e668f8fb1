// Times in words: "monday", "last week", "14:00", "2026-02", "2 days ago".

#pragma once

#include <string_view>

#include "agentstore/result.hpp"
#include "agentstore/timestamp.hpp"
#include "cmd/times.hpp"

namespace agentstore::cmd {

/// A part of the local calendar, in seconds that its clocks show: from `first_s` to before `end_s`.
struct LocalSpan {
  std::int64_t first_s = 0;
  std::int64_t end_s = 0;
};

/// Its first or last instant in the zone, as far as it lies within the years that can be written:
/// no event is outside of them. Errors: invalid, where the zone skips all of it.
Result<Timestamp> instant_of(const LocalSpan& span, Day day, const Zone& zone);

/// Reads, in any case, a day's name, a week, month or year ("this week", "2026-02"), a clock time
/// of today or of a day ("14:00", "yesterday 9:30"), or how long ago ("-3h", "1 hr ago", "1h30m",
/// "2 weeks"). Errors: invalid.
Result<Timestamp> parse_time_words(std::string_view text, Day day, const Zone& zone, Timestamp now);

}  // namespace agentstore::cmd
