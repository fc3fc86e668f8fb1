#include "formats/text/clock.hpp"

#include <fmt/format.h>

#include <chrono>

namespace agentstore::formats {
namespace {

constexpr std::int64_t day_s = 86'400;

std::int64_t second_of_day(std::int64_t clock_s) {
  const std::int64_t rest_s = clock_s % day_s;
  return rest_s < 0 ? rest_s + day_s : rest_s;
}

std::chrono::sys_days day_of(std::int64_t clock_s) {
  return std::chrono::floor<std::chrono::days>(
      std::chrono::sys_seconds{std::chrono::seconds{clock_s}});
}

}  // namespace

std::string date_of(std::int64_t clock_s) {
  const std::chrono::year_month_day date{day_of(clock_s)};
  const int year = static_cast<int>(date.year());
  const bool plain = year >= 0 && year <= 9999;
  return fmt::format("{}{:04}-{:02}-{:02}",
                     plain      ? ""
                     : year < 0 ? "-"
                                : "+",
                     year < 0 ? -year : year, static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::string hour_of(std::int64_t clock_s) {
  return fmt::format("{:02}", second_of_day(clock_s) / 3600);
}

std::string date_text(Timestamp at, const Clock& clock) {
  return date_of(clock.shown_s(at));
}

std::string time_of_day_text(Timestamp at, const Clock& clock) {
  const std::int64_t second = second_of_day(clock.shown_s(at));
  return fmt::format("{:02}:{:02}:{:02}", second / 3600, second % 3600 / 60, second % 60);
}

std::string time_text(Timestamp at, const Clock& clock) {
  return date_text(at, clock) + " " + time_of_day_text(at, clock);
}

std::string day_text(Timestamp at, const Clock& clock) {
  static constexpr const char* weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = day_of(clock.shown_s(at));
  const std::chrono::year_month_day date{day};
  return fmt::format("{} {} {} {}", weekdays[std::chrono::weekday{day}.c_encoding()],
                     static_cast<unsigned>(date.day()),
                     months[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()));
}

}  // namespace agentstore::formats
