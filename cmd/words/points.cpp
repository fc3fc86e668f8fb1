#include "cmd/words/points.hpp"

#include <fmt/format.h>

#include "cmd/quoting.hpp"

namespace agentstore::cmd {
namespace {

std::unexpected<Error> two_points(std::uint64_t sequence_number, const std::string& flags) {
  return fail(Code::invalid,
              fmt::format("a session at its event {}, and {} is given", sequence_number, flags),
              "give one point");
}

}  // namespace

Result<Point> read_point(const PointOptions& options, const Zone& zone) {
  if (options.sequence.has_value() + options.at.has_value() + options.before.has_value() > 1)
    return fail(Code::invalid, "--seq, --at and --before name one point in time: give one of them");
  Point point{.sequence_number = options.sequence};
  if (options.at) {
    const auto at = parse_time(*options.at, Day::last_instant, zone, now());
    if (!at) return std::unexpected{at.error()};
    point.at = *at;
  }
  if (options.before) {
    const auto before = parse_time(*options.before, Day::first_instant, zone, now());
    if (!before) return std::unexpected{before.error()};
    point.before = *before;
  }
  return point;
}

Result<void> take_point(const std::optional<std::uint64_t>& chosen, Point& point) {
  if (!chosen) return {};
  if (!point.is_now()) return two_points(*chosen, "--seq, --at or --before");
  point.sequence_number = chosen;
  return {};
}

Result<void> check_range(const std::optional<std::uint64_t>& chosen, const FilterOptions& filter) {
  if (!chosen || !filter.sequence) return {};
  return two_points(*chosen, "--seq");
}

Result<void> check_point(const Point& point, const std::string& label,
                         std::uint64_t last_sequence_number) {
  if (!point.sequence_number || last_sequence_number >= *point.sequence_number) return {};
  return fail(Code::not_found,
              fmt::format("there is no event #{} in {}: its last is #{}", *point.sequence_number,
                          in_quotes(label), last_sequence_number));
}

Result<std::int64_t> read_span_ms(const std::string& flag, const std::string& text,
                                  const Zone& zone) {
  const Timestamp at = now();
  const auto since = parse_time(text, Day::first_instant, zone, at);
  // "-3h" is a time three hours ago, and no span.
  if (!since || *since > at || text.starts_with('-'))
    return fail(Code::invalid, flag + " cannot be " + in_quotes(text),
                "give a time like 60s, 5m or 1h30m");
  return milliseconds_between(*since, at);
}

std::string point_text(const Point& point, std::uint64_t last_sequence_number) {
  std::string text = fmt::format("as of #{}", last_sequence_number);
  if (point.at) text += ", with the events of " + format_rfc3339_short(*point.at);
  if (point.before) text += ", before " + format_rfc3339_short(*point.before);
  return text;
}

}  // namespace agentstore::cmd
