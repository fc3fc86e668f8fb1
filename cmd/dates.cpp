#include "cmd/dates.hpp"

#include <chrono>
#include <cstdio>

#include "agentstore/timestamp.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::int64_t day_s = 86'400;

}  // namespace

std::string date_of(std::int64_t clock_s) {
  if (is_writable({clock_s, 0})) return format_rfc3339({clock_s, 0}).substr(0, 10);
  const auto day = std::chrono::floor<std::chrono::days>(std::chrono::seconds{clock_s});
  const std::chrono::year_month_day date{std::chrono::sys_days{day}};
  char text[32];
  std::snprintf(text, sizeof text, "%+05d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

std::string hour_of(std::int64_t clock_s) {
  const std::int64_t rest_s = clock_s % day_s;
  const std::int64_t hour = (rest_s < 0 ? rest_s + day_s : rest_s) / 3600;
  return (hour < 10 ? "0" : "") + std::to_string(hour);
}

}  // namespace agentstore::cmd
