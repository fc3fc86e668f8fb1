// Instants, to the nanosecond, over the years 0000 to 9999 of RFC 3339. Comparisons are between
// instants, never between texts.

#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"

namespace agentstore {

/// An instant: seconds since 1970-01-01T00:00:00Z (negative before), and nanoseconds after that.
struct Timestamp {
  std::int64_t seconds = 0;
  std::int32_t nanoseconds = 0;  ///< 0 to 999,999,999

  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

/// 0001-01-01T00:00:00Z: what the Go library writes where there is no time.
inline constexpr Timestamp zero_time{-62'135'596'800, 0};

/// The first second that can be written, and the last.
inline constexpr std::int64_t seconds_min = -62'167'219'200;  ///< 0000-01-01T00:00:00Z
inline constexpr std::int64_t seconds_max = 253'402'300'799;  ///< 9999-12-31T23:59:59Z

/// Whether an instant lies in the years that can be written.
constexpr bool is_writable(Timestamp at) {
  return at.seconds >= seconds_min && at.seconds <= seconds_max && at.nanoseconds >= 0 &&
         at.nanoseconds < 1'000'000'000;
}

/// The system's clock.
Timestamp now();

/// Reads RFC 3339 with any offset and up to nine digits of fraction. Leap seconds are refused.
Result<Timestamp> parse_rfc3339(std::string_view text);

/// "2026-03-07T12:00:00.123456789Z", always nine digits: the form of our logs. For instants that
/// can be written.
std::string format_rfc3339(Timestamp at);
void append_rfc3339(std::string& out, Timestamp at);

/// The same with the trailing zeros of the fraction dropped, as Go writes it.
std::string format_rfc3339_short(Timestamp at);

/// Milliseconds from `from` to `to`, rounded towards zero; negative where time ran backwards.
std::int64_t milliseconds_between(Timestamp from, Timestamp to);

}  // namespace agentstore
