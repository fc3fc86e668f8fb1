// The groups of `stats`, as a table.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agentstore/result.hpp"
#include "formats/answers/stats.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// A row a group and the sum as the last one; of one key that is no time the largest is first. Of
/// tools what their calls came to, of files and commands their calls alone, of all else what was
/// used. `answer` has groups.
void write_stats_groups(Sink& sink, const StatsAnswer& answer, const Screen& screen);

/// How groups are ordered and how many are shown.
struct GroupOrder {
  std::string column;  ///< the name of a key or a column, in small letters; empty: as for people
  bool descending = false;
  bool reverse = false;
  std::optional<std::uint64_t> limit;
};
/// Orders them; those beyond the limit are counted in `left_out`. Errors: invalid (no such column).
Result<void> order_groups(StatsAnswer& answer, const GroupOrder& order);

/// Whether the answer for people is about what was used, not about calls alone.
bool tells_costs(const StatsAnswer& answer);

}  // namespace agentstore::formats
