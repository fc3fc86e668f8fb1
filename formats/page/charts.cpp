#include "formats/page/charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>

#include "formats/page/html.hpp"
#include "formats/text/markup.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

using Day = std::chrono::sys_days;

constexpr double plot_height = 52;

/// Nothing for the days before the year 0 or after 9999.
std::optional<Day> day_of(std::string_view text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  if (text.size() != 10) return std::nullopt;
  std::from_chars(text.data(), text.data() + 4, year);
  std::from_chars(text.data() + 5, text.data() + 7, month);
  std::from_chars(text.data() + 8, text.data() + 10, day);
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  return date.ok() ? std::optional{Day{date}} : std::nullopt;
}

std::string text_of(Day day) {
  const std::chrono::year_month_day date{day};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::map<Day, const DayValue*> by_day(const std::vector<DayValue>& days) {
  std::map<Day, const DayValue*> known;
  for (const DayValue& one : days)
    if (const auto day = day_of(one.day)) known[*day] = &one;
  return known;
}

/// Of points at one place, the last one.
std::vector<std::pair<double, double>> places_of(const StepChart& chart, const TimeAxis& axis) {
  std::vector<std::pair<double, double>> places;
  for (const ChartPoint& point : chart.points) {
    const double x = axis.x_of(point.at_ms);
    if (!places.empty() && x < places.back().first + 0.5) places.back().second = point.value;
    else places.emplace_back(x, point.value);
  }
  return places;
}

int level_of(double value, double largest) {
  if (value <= 0 || largest <= 0) return 0;
  return std::clamp(static_cast<int>(std::ceil(4 * std::sqrt(value / largest))), 1, 4);
}

void write_year(Sink& sink, int year, const std::map<Day, const DayValue*>& known, double largest) {
  using std::chrono::days;
  constexpr double pitch = 17;
  const Day first{std::chrono::year{year} / 1 / 1};
  const Day last{std::chrono::year{year} / 12 / 31};
  const auto weekday = [](Day day) {
    return static_cast<int>((std::chrono::weekday{day}.iso_encoding()) - 1);
  };
  sink.write(
      fmt::format("<svg class=\"calendar\" viewBox=\"0 0 1000 142\" role=\"img\" "
                  "aria-label=\"activity in {}\">"
                  "<text x=\"0\" y=\"12\" class=\"strong\">{}</text>",
                  year, year));
  int week = 0;
  for (Day day = first; day <= last; day += days{1}) {
    if (day != first && weekday(day) == 0) ++week;
    const double x = 44 + pitch * week;
    const std::chrono::year_month_day date{day};
    constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (static_cast<unsigned>(date.day()) == 1)
      sink.write(fmt::format("<text x=\"{}\" y=\"12\">{}</text>", svg_number(x),
                             months[static_cast<unsigned>(date.month()) - 1]));
    const auto found = known.find(day);
    const int level = found == known.end() ? 0 : level_of(found->second->value, largest);
    sink.write(fmt::format("<rect x=\"{}\" y=\"{}\" width=\"14\" height=\"14\" class=\"level{}\">",
                           svg_number(x), svg_number(20 + pitch * weekday(day)), level));
    if (found != known.end())
      sink.write("<title>" + text_of(day) + ": " + found->second->label + "</title>");
    sink.write("</rect>");
  }
  sink.write("</svg>\n");
}

}  // namespace

std::string svg_number(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

void write_axis(Sink& sink, const TimeAxis& axis, const Clock& clock, double top) {
  sink.write(fmt::format("<path class=\"axis\" d=\"M{} {}H{}\"/>", svg_number(chart_left),
                         svg_number(top), svg_number(chart_right)));
  for (const TimeAxis::Cut& cut : axis.cuts())
    sink.write(
        fmt::format("<path class=\"cut\" d=\"M{} 0V{}\"><title>{} without an event"
                    "</title></path>",
                    svg_number(cut.x), svg_number(top), duration_text(cut.idle_ms)));
  for (const TimeAxis::Tick& tick : axis.ticks(clock, 84))
    sink.write(fmt::format(
        "<path class=\"axis\" d=\"M{0} {1}v4\"/><text x=\"{0}\" y=\"{2}\">{3}"
        "</text>",
        svg_number(tick.x), svg_number(top), svg_number(top + 16), escaped_markup(tick.label)));
}

void write_step_chart(Sink& sink, const StepChart& chart, const TimeAxis& axis,
                      const Clock& clock) {
  const auto places = places_of(chart, axis);
  if (places.empty()) return;
  double low = 0;
  double high = 0;
  for (const auto& [x, value] : places) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const double range = high > low ? high - low : 1;
  const auto y_of = [&](double value) { return 4 + plot_height * (high - value) / range; };
  std::string line;
  line = fmt::format("M{} {}", svg_number(chart_left), svg_number(y_of(0)));
  for (const auto& [x, value] : places) {
    line += fmt::format("H{}V{}", svg_number(x), svg_number(y_of(value)));
  }
  line += fmt::format("H{}", svg_number(chart_right));
  const std::string zero = svg_number(y_of(0));
  sink.write("<figure><figcaption><b>" + chart.title + "</b> <span>" + chart.total +
             (chart.top.empty() ? "" : ", at most " + chart.top) +
             "</span></figcaption><div class=\"scroll\"><svg class=\"chart\" viewBox=\"0 0 1000 "
             "80\" role=\"img\" aria-label=\"" +
             chart.title + "\"><path class=\"area\" d=\"" + line + "V" + zero +
             "Z\"/><path class=\"line\" d=\"" + line + "\"/>");
  if (low < 0)
    sink.write(fmt::format("<path class=\"axis\" d=\"M{} {}H{}\"/>", svg_number(chart_left), zero,
                           svg_number(chart_right)));
  write_axis(sink, axis, clock, plot_height + 8);
  sink.write("</svg></div></figure>\n");
}

void write_day_bars(Sink& sink, std::string_view title, const std::vector<DayValue>& days) {
  using Count = std::chrono::days;
  const auto known = by_day(days);
  if (known.empty()) return;
  const Day last = known.rbegin()->first;
  const Day first = std::max(known.begin()->first, last - Count{days_max - 1});
  double largest = 0;
  std::string_view top;
  for (const auto& [day, value] : known)
    if (day >= first && value->value > largest) {
      largest = value->value;
      top = value->label;
    }
  const auto count = static_cast<double>((last - first).count() + 1);
  // A few days do not fill the page.
  const double pitch = std::min(64.0, (chart_right - chart_left) / count);
  const double width = std::max(1.0, pitch - (pitch > 6 ? 3 : 0.5));
  sink.write(
      fmt::format("<figure><figcaption><b>{}</b> <span>at most {} a day{}</span>", title, top,
                  first > known.begin()->first ? fmt::format("; the newest {} days", days_max)
                                               : std::string{}));
  sink.write(
      "</figcaption><div class=\"scroll\"><svg class=\"bars\" viewBox=\"0 0 1000 130\" "
      "role=\"img\">");
  double labelled = -200;
  for (Day day = first; day <= last; day += Count{1}) {
    const double x = chart_left + pitch * static_cast<double>((day - first).count());
    if (const auto found = known.find(day); found != known.end() && found->second->value > 0) {
      const double height = std::max(1.5, 90 * found->second->value / largest);
      sink.write(
          fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"><title>{}: {}"
                      "</title></rect>",
                      svg_number(x), svg_number(104 - height), svg_number(width),
                      svg_number(height), text_of(day), found->second->label));
    }
    if (x < labelled + 74 || x > chart_right - 66) continue;
    labelled = x;
    sink.write(fmt::format("<text x=\"{}\" y=\"122\">{}</text>", svg_number(x), text_of(day)));
  }
  sink.write(fmt::format("<path class=\"axis\" d=\"M{} 104.5H{}\"/></svg></div></figure>\n",
                         svg_number(chart_left), svg_number(chart_right)));
}

void write_calendar(Sink& sink, const std::vector<DayValue>& days) {
  constexpr int years_max = 3;
  const auto known = by_day(days);
  if (known.empty()) return;
  const auto year_of = [](Day day) {
    return static_cast<int>(std::chrono::year_month_day{day}.year());
  };
  const int last = year_of(known.rbegin()->first);
  const int first = std::max(year_of(known.begin()->first), last - years_max + 1);
  double largest = 0;
  for (const auto& [day, value] : known) largest = std::max(largest, value->value);
  sink.write("<div class=\"scroll\">\n");
  for (int year = last; year >= first; --year) write_year(sink, year, known, largest);
  sink.write("</div>\n");
  if (first > year_of(known.begin()->first))
    sink.write(fmt::format("<p class=\"note\">Days before {} are not shown.</p>\n", first));
}

}  // namespace agentstore::formats
