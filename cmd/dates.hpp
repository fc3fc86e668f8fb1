// Dates and hours, as the clocks of a zone show them.

#pragma once

#include <cstdint>
#include <string>

namespace agentstore::cmd {

/// The date that clocks show `clock_s` seconds after 1970-01-01T00:00:00 of their own:
/// "2026-03-07". Beyond the years 0000 to 9999, where the clocks of a zone may be at the ends of
/// the calendar, as ISO 8601 has it: "-0001-12-31", "+10000-01-01".
std::string date_of(std::int64_t clock_s);
/// Their hour: "09".
std::string hour_of(std::int64_t clock_s);

}  // namespace agentstore::cmd
