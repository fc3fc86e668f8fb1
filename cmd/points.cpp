#include "cmd/points.hpp"

#include <charconv>

namespace agentstore::cmd {

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

Result<void> split_point(std::string& session, std::optional<std::uint64_t>& sequence) {
  const std::size_t at = session.rfind('@');
  if (at == session.npos || at == 0) return {};
  std::uint64_t number = 0;
  const char* const end = session.data() + session.size();
  const auto [rest, error] = std::from_chars(session.data() + at + 1, end, number);
  if (error != std::errc{} || rest != end) return {};
  if (sequence)
    return fail(Code::invalid, in_quotes(session) + " and --seq name two points: give one of them");
  sequence = number;
  session.resize(at);
  return {};
}

Result<void> check_point(const Point& point, const Chosen& chosen,
                         std::uint64_t last_sequence_number) {
  if (!point.sequence_number || last_sequence_number >= *point.sequence_number) return {};
  return fail(Code::not_found, "there is no event #" + std::to_string(*point.sequence_number) +
                                   " in " + in_quotes(chosen.label()) + ": its last is #" +
                                   std::to_string(last_sequence_number));
}

std::string point_text(const Point& point, std::uint64_t last_sequence_number) {
  std::string text = "as of #" + std::to_string(last_sequence_number);
  if (point.at) text += ", with the events of " + format_rfc3339_short(*point.at);
  if (point.before) text += ", before " + format_rfc3339_short(*point.before);
  return text;
}

}  // namespace agentstore::cmd
