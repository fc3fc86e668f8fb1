// Figures, as people read them.

#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/decimal.hpp"
#include "agentstore/timestamp.hpp"

namespace agentstore::formats {

/// A plain decimal with its thousands separated: "-6,769.5".
std::string separated(std::string number);
/// "6,769"
template <std::integral Number>
std::string thousands(Number number) {
  return separated(std::to_string(number));
}

/// "961 B", "12.3 kB", "4.5 GB": powers of 1000
std::string bytes_text(std::uint64_t bytes);

/// "212 ms", "9.4 s", "1 m 13 s", "9 h 28 m", "3 d 4 h"; cut, not rounded.
std::string duration_text(std::int64_t duration_ms);

/// `mm:ss.mmm`, from an hour on `h:mm:ss.mmm`, from a day on `2d 03:04:05`; with `-` where time
/// ran backwards.
std::string elapsed_text(std::int64_t elapsed_ms);

/// "2026-03-07 12:00:00", in UTC
std::string time_text(Timestamp at);

/// "$1.73", "$0.46", "$0.0073", "$0": two decimals from a dollar on, two digits below; rounded.
std::string dollars_text(const Decimal& cost);

/// The one cost of the sums, as far as it is known: "$46.46", "~$46.46" where any of it was
/// computed, "unknown" where nothing is known though something was used, empty where nothing was.
std::string cost_text(const Totals& totals);

/// "+ 3 responses unknown": what that cost lacks; empty where it is whole, or unknown itself.
std::string unknown_costs_text(const Totals& totals);

/// "1 event", "8,120 events"
std::string counted(std::uint64_t number, std::string_view noun);

/// How many characters tell all of the ids apart, at least eight.
std::size_t telling_characters(std::vector<std::string_view> ids);

/// The first group of a UUID; any other id whole.
std::string short_id(std::string_view id);

}  // namespace agentstore::formats
