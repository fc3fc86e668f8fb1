// Points in time, as they are named on the command line.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agentstore/point.hpp"
#include "cmd/options.hpp"
#include "cmd/times.hpp"

namespace agentstore::cmd {

/// Errors: invalid (a time that cannot be read; more than one point).
Result<Point> read_point(const PointOptions& options, const Zone& zone);

/// Goes to the point of a session that was chosen as `S@12`, which is `chosen`. Errors: invalid,
/// where `point` names one, too.
Result<void> take_point(const std::optional<std::uint64_t>& chosen, Point& point);
/// The same of a range of sequence numbers, which cannot be given beside a point.
Result<void> check_range(const std::optional<std::uint64_t>& chosen, const FilterOptions& filter);

/// Errors: not_found, where the point's event is not there. `label`: the session's.
Result<void> check_point(const Point& point, const std::string& label,
                         std::uint64_t last_sequence_number);

/// How long: "60s", "5m", "1h30m", in milliseconds. Errors: invalid, naming the flag.
Result<std::int64_t> read_span_ms(const std::string& flag, const std::string& text,
                                  const Zone& zone);

/// What an answer is of: the last event that counted, and the instant.
std::string point_text(const Point& point, std::uint64_t last_sequence_number);

}  // namespace agentstore::cmd
