#include "formats/page/time_axis.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace agentstore::formats {
namespace {

constexpr std::int64_t second_ms = 1000;
constexpr std::int64_t minute_ms = 60 * second_ms;
constexpr std::int64_t hour_ms = 60 * minute_ms;
constexpr std::int64_t day_ms = 24 * hour_ms;
constexpr std::int64_t idle_ms_min = 10 * minute_ms;
constexpr std::size_t cuts_max = 24;
constexpr double cut_width = 14;

constexpr std::array steps_ms{second_ms,        2 * second_ms,    5 * second_ms,  10 * second_ms,
                              30 * second_ms,   minute_ms,        2 * minute_ms,  5 * minute_ms,
                              10 * minute_ms,   15 * minute_ms,   30 * minute_ms, hour_ms,
                              2 * hour_ms,      3 * hour_ms,      6 * hour_ms,    12 * hour_ms,
                              day_ms,           2 * day_ms,       7 * day_ms,     14 * day_ms,
                              28 * day_ms,      91 * day_ms,      182 * day_ms,   365 * day_ms,
                              5 * 365 * day_ms, 50 * 365 * day_ms};

// What a label takes, as style sheets write it.
constexpr double letter_width = 6.4;
constexpr double label_gap = 12;
double width_of(std::string_view label) {
  return letter_width * static_cast<double>(label.size());
}

/// Busy times that overlap or touch as one, in order of time.
std::vector<BusyTime> joined(std::vector<BusyTime> busy) {
  for (BusyTime& one : busy) one.end_ms = std::max(one.begin_ms, one.end_ms);
  std::ranges::sort(busy, {}, &BusyTime::begin_ms);
  std::vector<BusyTime> out;
  for (const BusyTime& one : busy) {
    if (out.empty() || one.begin_ms > out.back().end_ms) out.push_back(one);
    else out.back().end_ms = std::max(out.back().end_ms, one.end_ms);
  }
  return out;
}

/// The shortest stretch that is cut, so that there are not too many cuts.
std::int64_t cut_from_ms(const std::vector<BusyTime>& busy) {
  std::vector<std::int64_t> idle;
  for (std::size_t i = 1; i < busy.size(); ++i)
    idle.push_back(busy[i].begin_ms - busy[i - 1].end_ms);
  std::ranges::sort(idle, std::ranges::greater{});
  const std::int64_t too_short = idle.size() > cuts_max ? idle[cuts_max] : 0;
  return std::max(idle_ms_min, too_short + 1);
}

std::string label_of(std::int64_t at_ms, std::int64_t step_ms, const Clock& clock, bool new_day) {
  const Timestamp at = instant_of(at_ms);
  const std::string date = date_text(at, clock);
  if (step_ms >= day_ms) return date;
  const std::string time = time_of_day_text(at, clock).substr(0, step_ms < minute_ms ? 8 : 5);
  return new_day ? date.substr(date.size() - 5) + " " + time : time;
}

}  // namespace

std::int64_t milliseconds_of(Timestamp at) {
  return at.seconds * second_ms + at.nanoseconds / 1'000'000;
}

Timestamp instant_of(std::int64_t at_ms) {
  const std::int64_t rest = (at_ms % second_ms + second_ms) % second_ms;
  return {(at_ms - rest) / second_ms, static_cast<std::int32_t>(rest * 1'000'000)};
}

TimeAxis::TimeAxis(std::vector<BusyTime> busy, double left, double right, Idle idle) {
  const auto times = joined(std::move(busy));
  if (times.empty()) return;
  has_length_ = times.front().begin_ms < times.back().end_ms;
  const std::int64_t cut_from = cut_from_ms(times);
  for (const BusyTime& one : times) {
    const std::int64_t idle_ms = pieces_.empty() ? 0 : one.begin_ms - pieces_.back().end_ms;
    if (!pieces_.empty() && (idle == Idle::kept || idle_ms < cut_from)) {
      pieces_.back().end_ms = one.end_ms;
    } else {
      if (!pieces_.empty()) cuts_.push_back({.idle_ms = idle_ms});
      pieces_.push_back({.begin_ms = one.begin_ms, .end_ms = one.end_ms});
    }
  }
  place(left, right);
}

void TimeAxis::place(double left, double right) {
  // An instant alone takes the room of a fiftieth of all the rest.
  double sum = 0;
  for (const Piece& piece : pieces_) sum += static_cast<double>(piece.end_ms - piece.begin_ms);
  const double least = std::max(1.0, sum / 50);
  const auto length = [&](const Piece& piece) {
    return std::max(least, static_cast<double>(piece.end_ms - piece.begin_ms));
  };
  double whole = 0;
  for (const Piece& piece : pieces_) whole += length(piece);
  const double room = right - left - cut_width * static_cast<double>(cuts_.size());
  double at = left;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    if (i > 0) {
      cuts_[i - 1].x = at + cut_width / 2;
      at += cut_width;
    }
    pieces_[i].left = at;
    at += room * length(pieces_[i]) / whole;
    pieces_[i].right = at;
  }
}

double TimeAxis::x_of(std::int64_t at_ms) const {
  if (pieces_.empty()) return 0;
  const auto after = std::ranges::upper_bound(pieces_, at_ms, {}, &Piece::begin_ms);
  if (after == pieces_.begin()) return pieces_.front().left;
  const Piece& piece = *(after - 1);
  const auto length = static_cast<double>(piece.end_ms - piece.begin_ms);
  if (length <= 0) return piece.left;
  const double part = std::min(1.0, static_cast<double>(at_ms - piece.begin_ms) / length);
  return piece.left + part * (piece.right - piece.left);
}

std::vector<TimeAxis::Tick> TimeAxis::ticks(const Clock& clock, double apart) const {
  std::vector<Tick> ticks;
  std::string day;
  const auto add = [&](std::int64_t at_ms, std::int64_t step_ms) {
    const double x = x_of(at_ms);
    if (!ticks.empty() &&
        x - ticks.back().x < std::max(apart, width_of(ticks.back().label) + label_gap))
      return;
    std::string date = date_text(instant_of(at_ms), clock);
    const bool new_day = !day.empty() && date != day;
    std::string label = label_of(at_ms, step_ms, clock, new_day);
    if (!ticks.empty() && x + width_of(label) > pieces_.back().right) return;
    ticks.push_back({x, std::move(label)});
    day = std::move(date);
  };
  for (const Piece& piece : pieces_) {
    const double width = piece.right - piece.left;
    const auto length = static_cast<double>(piece.end_ms - piece.begin_ms);
    const auto* const step = std::ranges::find_if(steps_ms, [&](std::int64_t one) {
      return length <= 0 || static_cast<double>(one) / length * width >= apart;
    });
    const std::int64_t step_ms = step == steps_ms.end() ? steps_ms.back() : *step;
    add(piece.begin_ms, step_ms);
    const std::int64_t ahead_ms =
        1000 * (clock.shown_s(instant_of(piece.begin_ms)) - instant_of(piece.begin_ms).seconds);
    const std::int64_t shown_ms = piece.begin_ms + ahead_ms;
    const std::int64_t rest = (shown_ms % step_ms + step_ms) % step_ms;
    for (std::int64_t at = piece.begin_ms - rest + step_ms; at <= piece.end_ms; at += step_ms)
      add(at, step_ms);
  }
  return ticks;
}

}  // namespace agentstore::formats
