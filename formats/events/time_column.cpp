#include "formats/events/time_column.hpp"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>

#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

// The clocks of a zone change at these.
constexpr std::int64_t block_s = 900;
constexpr std::int64_t day_s = 86'400;

constexpr std::array names{std::pair{"clock", TimeStyle::clock}, std::pair{"iso", TimeStyle::iso},
                           std::pair{"elapsed", TimeStyle::elapsed},
                           std::pair{"delta", TimeStyle::delta}};

constexpr std::int64_t floor_of(std::int64_t number, std::int64_t by) {
  return number / by - (number % by < 0 ? 1 : 0);
}

void put_two(char* into, std::int64_t number) {
  into[0] = static_cast<char>('0' + number / 10);
  into[1] = static_cast<char>('0' + number % 10);
}

void add_time_of_day(Line& line, std::int64_t clock_s) {
  const std::int64_t second = clock_s - floor_of(clock_s, day_s) * day_s;
  char text[] = "00:00:00";
  put_two(text, second / 3600);
  put_two(text + 3, second % 3600 / 60);
  put_two(text + 6, second % 60);
  line.add({text, 8});
}

std::string offset_text(std::int64_t offset_s) {
  if (offset_s == 0) return "Z";
  const std::int64_t minutes = (offset_s < 0 ? -offset_s : offset_s) / 60;
  return fmt::format("{}{:02}:{:02}", offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::string delta_text(std::int64_t milliseconds) {
  if (milliseconds < 0) return "-" + duration_text(-milliseconds);
  return milliseconds == 0 ? "+0" : "+" + duration_text(milliseconds);
}

}  // namespace

std::optional<TimeStyle> parse_time_style(std::string_view name) {
  for (const auto& [known, style] : names)
    if (name == known) return style;
  return std::nullopt;
}

std::size_t TimeColumn::columns_min() const {
  switch (style_) {
    case TimeStyle::clock: return 8;
    case TimeStyle::iso: return 24;
    case TimeStyle::elapsed: break;
    case TimeStyle::delta: break;
  }
  return 9;
}

std::int64_t TimeColumn::shown_s(Timestamp at) {
  if (!clock_.offset_s) return at.seconds;
  if (const std::int64_t block = floor_of(at.seconds, block_s); block != block_) {
    offset_s_ = clock_.offset_s(at.seconds);
    block_ = block;
  }
  return at.seconds + offset_s_;
}

std::int64_t TimeColumn::day(Timestamp at) {
  return floor_of(shown_s(at), day_s);
}

void TimeColumn::add(Line& line, Timestamp at, Timestamp start, std::optional<Timestamp> before) {
  switch (style_) {
    case TimeStyle::clock: return add_time_of_day(line, shown_s(at));
    case TimeStyle::iso: {
      const std::int64_t clock_s = shown_s(at);
      line.add(date_of(clock_s));
      line.add("T");
      add_time_of_day(line, clock_s);
      line.add(fmt::format(".{:03}{}", at.nanoseconds / 1'000'000, offset_text(offset_s_)));
      return;
    }
    case TimeStyle::elapsed: line.add(elapsed_text(milliseconds_between(start, at))); return;
    case TimeStyle::delta:
      line.add(delta_text(before ? milliseconds_between(*before, at) : 0));
      return;
  }
}

}  // namespace agentstore::formats
