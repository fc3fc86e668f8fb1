// Charts of a page: small inline SVG of our own. Sizes are in units of a page that is 1000 wide;
// what they look like is the style sheet's affair.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/page/time_axis.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

inline constexpr double chart_left = 4;
inline constexpr double chart_right = 996;

/// A number of SVG: "12.5", without more digits than are seen.
std::string svg_number(double value);

/// The axis below a chart, from `top` down 20: its ticks, and its cuts through `height` above it.
void write_axis(Sink& sink, const TimeAxis& axis, const Clock& clock, double top);

struct ChartPoint {
  std::int64_t at_ms = 0;
  double value = 0;
};

/// How a figure grew, or moved: steps from point to point.
struct StepChart {
  std::string title;                    ///< HTML
  std::string total;                    ///< HTML: the figure at the end
  std::string top;                      ///< HTML: the largest value
  std::vector<ChartPoint> points = {};  ///< in order of time
};
/// Writes a figure with its caption. Points that would lie on one another are one.
void write_step_chart(Sink& sink, const StepChart& chart, const TimeAxis& axis, const Clock& clock);

/// A day and what it came to.
struct DayValue {
  std::string day;  ///< "2026-03-07"
  double value = 0;
  std::string label;  ///< of our own words: "$1.20"
};

/// A bar a day, days without a value included, the newest `days_max` of them.
inline constexpr std::size_t days_max = 366;
void write_day_bars(Sink& sink, std::string_view title, const std::vector<DayValue>& days);

/// A square a day, a column a week, a row a year; the newest three years.
void write_calendar(Sink& sink, const std::vector<DayValue>& days);

}  // namespace agentstore::formats
