#include "formats/page/waterfall.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "formats/page/charts.hpp"
#include "formats/page/html.hpp"
#include "formats/text/markup.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t rows_max = 6;  // of a lane: more at once lie on one another
constexpr double row_pitch = 13;
constexpr double bar_height = 9;
constexpr double narrow = 2;  // bars of this width may be put together
constexpr std::size_t words_columns = 120;

/// A bar: a call, or several that lie on one another.
struct Bar {
  double left = 0;
  double right = 0;
  const CallSpan* first = nullptr;
  const CallSpan* failure = nullptr;  ///< the first one that failed
  std::uint64_t calls = 0;
  std::uint64_t failed = 0;

  double width() const { return std::max(narrow, right - left); }
};

Bar bar_of(const CallSpan& call, const TimeAxis& axis) {
  return {.left = axis.x_of(call.begin_ms),
          .right = axis.x_of(std::max(call.begin_ms, call.end_ms)),
          .first = &call,
          .failure = call.failed ? &call : nullptr,
          .calls = 1,
          .failed = call.failed ? 1U : 0U};
}

/// The bars of a lane, by rows.
std::vector<std::vector<Bar>> rows_of(const Lane& lane, const TimeAxis& axis) {
  std::vector<Bar> bars;
  for (const CallSpan& call : lane.calls) bars.push_back(bar_of(call, axis));
  std::ranges::stable_sort(bars, {}, &Bar::left);
  std::vector<std::vector<Bar>> rows(1);
  for (const Bar& bar : bars) {
    const auto takes = [&](const std::vector<Bar>& row) {
      if (row.empty()) return true;
      const Bar& last = row.back();
      const bool on_it = bar.left < last.left + last.width() + 0.5;
      return !on_it || (last.right - last.left < narrow && bar.right - bar.left < narrow);
    };
    auto row = std::ranges::find_if(rows, takes);
    if (row == rows.end() && rows.size() < rows_max) row = rows.emplace(rows.end());
    if (row == rows.end()) row = rows.end() - 1;
    if (row->empty() || bar.left >= row->back().left + row->back().width() + 0.5) {
      row->push_back(bar);
      continue;
    }
    Bar& last = row->back();
    last.right = std::max(last.right, bar.right);
    if (last.failure == nullptr) last.failure = bar.failure;
    last.calls += bar.calls;
    last.failed += bar.failed;
  }
  return rows;
}

std::string words_of(const Bar& bar) {
  if (bar.calls > 1)
    return fmt::format("{} from #{} on{}", counted(bar.calls, "call"), bar.first->sequence_number,
                       bar.failed > 0 ? ", " + thousands(bar.failed) + " failed" : "");
  const CallSpan& call = *bar.first;
  return fmt::format("#{} {} {}{}", call.sequence_number, html_line(call.words, words_columns),
                     call.unanswered
                         ? "no result here"
                         : duration_text(std::max<std::int64_t>(0, call.end_ms - call.begin_ms)),
                     call.failed ? ", failed" : "");
}

void write_bar(Sink& sink, const Lane& lane, const Bar& bar, double top) {
  const CallSpan& shown = bar.failure != nullptr ? *bar.failure : *bar.first;
  const std::string_view look = bar.failed > 0          ? "failed"
                                : bar.first->unanswered ? "unanswered"
                                : bar.calls > 1         ? "several"
                                                        : "call";
  const bool linked = lane.name.empty() || !lane.page.empty();
  if (linked)
    sink.write(
        fmt::format("<a href=\"{}#e{}\">", escaped_markup(lane.page), shown.sequence_number));
  sink.write(
      fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" class=\"{}\"><title>{}"
                  "</title></rect>",
                  svg_number(bar.left), svg_number(top), svg_number(bar.width()),
                  svg_number(bar_height), look, words_of(bar)));
  if (linked) sink.write("</a>");
  sink.write("\n");
}

}  // namespace

void write_waterfall(Sink& sink, const std::vector<Lane>& lanes,
                     const std::vector<MessageMark>& messages, const TimeAxis& axis,
                     const Clock& clock) {
  StringSink bars;
  double top = 16;
  for (const Lane& lane : lanes) {
    if (!lane.name.empty()) {
      const std::string name = html_line(lane.name, words_columns);
      bars.write(fmt::format("<text x=\"{}\" y=\"{}\" class=\"lane\">", svg_number(chart_left),
                             svg_number(top + 11)));
      bars.write(lane.page.empty()
                     ? name
                     : "<a href=\"" + escaped_markup(lane.page) + "\">" + name + "</a>");
      bars.write("</text>\n");
      top += 16;
    }
    for (const auto& row : rows_of(lane, axis)) {
      for (const Bar& bar : row) write_bar(bars, lane, bar, top);
      top += row_pitch;
    }
    top += 4;
  }
  sink.write(
      fmt::format("<div class=\"scroll tall\"><svg class=\"waterfall\" viewBox=\"0 0 1000 {}"
                  "\" role=\"img\" aria-label=\"calls over time\">\n",
                  svg_number(top + 26)));
  write_axis(sink, axis, clock, top + 4);
  double marked = -10;
  for (const MessageMark& message : messages) {
    const double x = axis.x_of(message.at_ms);
    if (x < marked + 3) continue;
    marked = x;
    sink.write(
        fmt::format("<a href=\"#e{0}\"><path class=\"message\" d=\"M{1} 2h7l-3.5 7z\"><title>"
                    "#{0} a message</title></path></a>\n",
                    message.sequence_number, svg_number(x - 3.5)));
  }
  sink.write(bars.text);
  sink.write("</svg></div>\n");
}

}  // namespace agentstore::formats
