// Points in time, as they are named on the command line.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agentstore/point.hpp"
#include "cmd/options.hpp"
#include "cmd/select.hpp"
#include "cmd/times.hpp"

namespace agentstore::cmd {

/// Errors: invalid (a time that cannot be read; more than one point).
Result<Point> read_point(const PointOptions& options, const Zone& zone);

/// Takes "@12" off the end of `session`: session S after event 12 is `S@12`.
/// Errors: invalid, where `sequence` is given, too.
Result<void> split_point(std::string& session, std::optional<std::uint64_t>& sequence);

/// Errors: not_found, where the point's event is not there.
Result<void> check_point(const Point& point, const Chosen& chosen,
                         std::uint64_t last_sequence_number);

/// What an answer is of: the last event that counted, and the instant.
std::string point_text(const Point& point, std::uint64_t last_sequence_number);

}  // namespace agentstore::cmd
