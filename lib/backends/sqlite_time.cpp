#include "backends/sqlite_time.hpp"

#include <chrono>
#include <cstdint>

namespace agentstore {
namespace {

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t nanoseconds_digits = 9;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// What is left of a text, taken from its front.
struct Rest {
  std::string_view text;

  bool take(char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
  }
  /// Exactly so many digits.
  std::optional<int> number(std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_digit(text[i])) return std::nullopt;
      value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return value;
  }
  std::size_t digits() const {
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) ++count;
    return count;
  }
};

std::int64_t days_of(std::chrono::year_month_day date) {
  return std::chrono::sys_days{date}.time_since_epoch().count();
}

// The day that a year's first ISO week begins with, a Monday.
std::int64_t first_week_of(int year) {
  using namespace std::chrono;
  const sys_days fourth{std::chrono::year{year} / January / 4};
  return (fourth - (weekday{fourth} - Monday)).time_since_epoch().count();
}

std::optional<std::int64_t> week_date(Rest& rest, int year, bool hyphens) {
  const auto week = rest.number(2);
  if (!week || *week < 1 || *week > 53) return std::nullopt;
  int day = 1;
  if (rest.digits() > 0 || rest.text.starts_with('-')) {
    if (hyphens && !rest.take('-')) return std::nullopt;
    const auto given = rest.number(1);
    if (!given || *given < 1 || *given > 7) return std::nullopt;
    day = *given;
  }
  const std::int64_t days = first_week_of(year) + (*week - 1) * 7 + day - 1;
  if (*week == 53 && days >= first_week_of(year + 1)) return std::nullopt;
  return days;
}

std::optional<std::int64_t> ordinal_date(Rest& rest, int year) {
  const auto day = rest.number(3);
  const bool leap = std::chrono::year{year}.is_leap();
  if (!day || *day < 1 || *day > (leap ? 366 : 365)) return std::nullopt;
  return days_of(std::chrono::year{year} / std::chrono::January / 1) + *day - 1;
}

std::optional<std::int64_t> calendar_date(Rest& rest, int year, bool hyphens) {
  const auto month = rest.number(2);
  if (!month || (hyphens && !rest.take('-'))) return std::nullopt;
  const auto day = rest.number(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return days_of(date);
}

// Days since 1970-01-01.
std::optional<std::int64_t> take_date(Rest& rest) {
  const auto year = rest.number(4);
  if (!year) return std::nullopt;
  const bool hyphens = rest.take('-');
  if (rest.take('W')) return week_date(rest, *year, hyphens);
  return rest.digits() == 3 ? ordinal_date(rest, *year) : calendar_date(rest, *year, hyphens);
}

struct TimeOfDay {
  std::int64_t seconds = 0;
  std::int32_t nanoseconds = 0;
};

std::int32_t take_fraction(Rest& rest) {
  std::int32_t value = 0;
  std::int64_t digits = 0;
  for (; !rest.text.empty() && is_digit(rest.text.front()); rest.text.remove_prefix(1)) {
    if (digits++ < nanoseconds_digits) value = value * 10 + (rest.text.front() - '0');
  }
  for (; digits < nanoseconds_digits; ++digits) value *= 10;
  return value;
}

std::optional<TimeOfDay> take_time(Rest& rest) {
  TimeOfDay time;
  const auto hours = rest.number(2);
  if (!hours || *hours > 24) return std::nullopt;
  std::optional<int> minutes = 0;
  std::optional<int> seconds = 0;
  const bool colons = rest.take(':');
  if (colons || rest.digits() > 0) {
    minutes = rest.number(2);
    if ((colons && rest.take(':')) || (!colons && rest.digits() > 0)) seconds = rest.number(2);
  }
  if (!minutes || *minutes > 59 || !seconds || *seconds > 59) return std::nullopt;
  time.seconds = *hours * 3600 + *minutes * 60 + *seconds;
  if (rest.take('.') || rest.take(',')) {
    if (rest.digits() == 0) return std::nullopt;
    time.nanoseconds = take_fraction(rest);
  }
  // Midnight at the end of a day is one; nothing comes after it.
  if (time.seconds > day_s || (time.seconds == day_s && time.nanoseconds > 0)) return std::nullopt;
  return time;
}

// Seconds east of UTC.
std::optional<std::int64_t> take_zone(Rest& rest) {
  if (rest.text.empty() || rest.take('Z') || rest.take('z')) return 0;
  const bool west = rest.text.starts_with('-');
  if (!rest.take('+') && !rest.take('-')) return std::nullopt;
  const auto hours = rest.number(2);
  std::optional<int> minutes = 0;
  if (rest.take(':') || rest.digits() > 0) minutes = rest.number(2);
  if (!hours || *hours > 23 || !minutes || *minutes > 59) return std::nullopt;
  std::int64_t offset = *hours * 3600 + *minutes * 60;
  // Python writes the seconds of an old local time, too.
  if (rest.take(':')) {
    const auto seconds = rest.number(2);
    if (!seconds || *seconds > 59) return std::nullopt;
    offset += *seconds;
  }
  return west ? -offset : offset;
}

}  // namespace

std::optional<Timestamp> parse_iso8601(std::string_view text) {
  Rest rest{text};
  const auto days = take_date(rest);
  if (!days) return std::nullopt;
  TimeOfDay time;
  if (!rest.text.empty()) {
    if (!rest.take('T') && !rest.take('t') && !rest.take(' ')) return std::nullopt;
    const auto taken = take_time(rest);
    if (!taken) return std::nullopt;
    time = *taken;
  }
  const auto east = take_zone(rest);
  if (!east || !rest.text.empty()) return std::nullopt;
  const Timestamp at{*days * day_s + time.seconds - *east, time.nanoseconds};
  return is_writable(at) ? std::optional{at} : std::nullopt;
}

std::string occurred_at_text(Timestamp at) {
  std::string text = format_rfc3339(at);
  constexpr std::size_t six_digits = sizeof "2026-03-07T12:00:00.123456" - 1;
  text.resize(six_digits);
  return text + "+00:00";
}

}  // namespace agentstore
