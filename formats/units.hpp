// Figures, as people read them.

#pragma once

#include <cstdint>
#include <string>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/decimal.hpp"
#include "agentstore/timestamp.hpp"

namespace agentstore::formats {

/// "6,769"
std::string thousands(std::int64_t number);

/// "961 B", "12.3 kB", "4.5 GB": powers of 1000
std::string bytes_text(std::uint64_t bytes);

/// "2.11 s", "3 min 05 s", "2 h 03 min", "4 d 07 h"
std::string duration_text(std::int64_t duration_ms);

/// `mm:ss.mmm`, from an hour on `h:mm:ss.mmm`, from a day on `2d 03:04:05`; with `-` where time
/// ran backwards.
std::string elapsed_text(std::int64_t elapsed_ms);

/// "2026-03-07 12:00:00", in UTC
std::string time_text(Timestamp at);

/// "$1.73", "$0.46", "$0.0073", "$0": two decimals from a dollar on, two digits below; rounded.
std::string dollars_text(const Decimal& cost);

/// "$0.018", with what was computed after a "~" and what is missing said: "$0.018 + ~$1.2 +
/// unknown"; empty where no event of the sums could have had a cost.
std::string cost_text(const Totals& totals);

/// "1 event", "8 events"
std::string counted(std::uint64_t number, std::string_view noun);

/// The first group of a UUID; any other id whole.
std::string short_id(std::string_view id);

}  // namespace agentstore::formats
