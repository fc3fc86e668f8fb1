#include "agentstore/timestamp.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <optional>

#include "base/digits.hpp"

namespace agentstore {
namespace {

using std::chrono::sys_days;

constexpr std::int64_t seconds_a_day = 86'400;

// Digits at known places; what is none is remembered.
class Digits {
 public:
  explicit Digits(std::string_view text) : text_(text) {}

  int at(std::size_t place, std::size_t count) {
    unsigned value = 0;
    for (std::size_t i = place; i < place + count; ++i) {
      const unsigned digit = static_cast<unsigned char>(text_[i]) - unsigned{'0'};
      none_ |= digit > 9;
      value = value * 10 + digit;
    }
    return static_cast<int>(value);
  }
  bool all() const { return !none_; }

 private:
  std::string_view text_;
  bool none_ = false;  // whether one of them is no digit
};

// "Z", "z", or "+hh:mm": seconds east of UTC.
std::optional<int> offset_seconds(std::string_view zone) {
  if (zone == "Z" || zone == "z") return 0;
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return std::nullopt;
  Digits digits{zone};
  const int hours = digits.at(1, 2);
  const int minutes = digits.at(4, 2);
  if (!digits.all() || hours > 23 || minutes > 59) return std::nullopt;
  const int seconds = hours * 3600 + minutes * 60;
  return zone[0] == '-' ? -seconds : seconds;
}

// ".123": nanoseconds, and `at` moves behind the last digit. No fraction: 0.
std::optional<std::int32_t> fraction(std::string_view text, std::size_t& at) {
  if (at >= text.size() || text[at] != '.') return 0;
  const std::size_t begin = at + 1;
  at = std::min(text.find_first_not_of("0123456789", begin), text.size());
  return billionths_of(text.substr(begin, at - begin));
}

void put_digits(char* into, int count, unsigned number) {
  for (char* at = into + count; at != into; number /= 10) {
    *--at = static_cast<char>('0' + number % 10);
  }
}

std::optional<Timestamp> parse(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' ||
      (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  Digits digits{text};
  const int year = digits.at(0, 4);
  const int month = digits.at(5, 2);
  const int day = digits.at(8, 2);
  const int hour = digits.at(11, 2);
  const int minute = digits.at(14, 2);
  const int second = digits.at(17, 2);
  if (!digits.all() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  std::size_t at = 19;
  const auto nanoseconds = fraction(text, at);
  if (!nanoseconds) return std::nullopt;
  const auto east = offset_seconds(text.substr(at));
  if (!east) return std::nullopt;
  const std::int64_t days = sys_days{date}.time_since_epoch().count();
  const Timestamp at_utc{days * seconds_a_day + hour * 3600 + minute * 60 + second - *east,
                         *nanoseconds};
  return is_writable(at_utc) ? std::optional{at_utc} : std::nullopt;
}

}  // namespace

Timestamp now() {
  timespec at{};
  ::clock_gettime(CLOCK_REALTIME, &at);
  return {at.tv_sec, static_cast<std::int32_t>(at.tv_nsec)};
}

Result<Timestamp> parse_rfc3339(std::string_view text) {
  if (const auto at = parse(text)) return *at;
  return fail(Code::invalid, "\"" + std::string{text} + "\" is not an RFC 3339 time",
              "write it like 2026-03-07T12:00:00Z, with at most nine digits of fraction");
}

void append_rfc3339(std::string& out, Timestamp at) {
  std::int64_t days = at.seconds / seconds_a_day;
  std::int64_t rest = at.seconds % seconds_a_day;
  if (rest < 0) {
    rest += seconds_a_day;
    --days;
  }
  const std::chrono::year_month_day date{sys_days{std::chrono::days{days}}};
  const auto seconds = static_cast<unsigned>(rest);
  char text[] = "0000-00-00T00:00:00.000000000Z";
  put_digits(text, 4, static_cast<unsigned>(static_cast<int>(date.year())));
  put_digits(text + 5, 2, static_cast<unsigned>(date.month()));
  put_digits(text + 8, 2, static_cast<unsigned>(date.day()));
  put_digits(text + 11, 2, seconds / 3600);
  put_digits(text + 14, 2, seconds / 60 % 60);
  put_digits(text + 17, 2, seconds % 60);
  put_digits(text + 20, 9, static_cast<unsigned>(at.nanoseconds));
  out.append(text, sizeof text - 1);
}

std::string format_rfc3339(Timestamp at) {
  std::string text;
  append_rfc3339(text, at);
  return text;
}

std::string format_rfc3339_short(Timestamp at) {
  std::string text = format_rfc3339(at);
  text.pop_back();
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + 'Z';
}

std::int64_t milliseconds_between(Timestamp from, Timestamp to) {
  std::int64_t seconds = to.seconds - from.seconds;
  std::int64_t nanoseconds = to.nanoseconds - from.nanoseconds;
  if (seconds > 0 && nanoseconds < 0) {
    --seconds;
    nanoseconds += 1'000'000'000;
  } else if (seconds < 0 && nanoseconds > 0) {
    ++seconds;
    nanoseconds -= 1'000'000'000;
  }
  return seconds * 1000 + nanoseconds / 1'000'000;
}

}  // namespace agentstore
