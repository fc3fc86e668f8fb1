// The groups of `stats`, as a table.

#pragma once

#include "formats/sink.hpp"
#include "formats/stats.hpp"

namespace agentstore::formats {

/// A row a group and the sum as the last one; of one key that is no time the largest is first. Of
/// tools what their calls came to, of files and commands their calls alone, of all else what was
/// used. `answer` has groups.
void write_stats_groups(Sink& sink, const StatsAnswer& answer, const Screen& screen);

/// Whether the answer for people is about what was used, not about calls alone.
bool tells_costs(const StatsAnswer& answer);

}  // namespace agentstore::formats
