#include "formats/text/clock.hpp"

#include <doctest/doctest.h>

using namespace agentstore;
using namespace agentstore::formats;

TEST_SUITE_BEGIN("clock");

namespace {

constexpr Timestamp noon{1'772'884'811, 500'000'000};  // 2026-03-07T12:00:11.5Z

}  // namespace

TEST_CASE("without a zone, clocks show UTC") {
  CHECK(time_text(noon, {}) == "2026-03-07 12:00:11");
  CHECK(date_text(noon, {}) == "2026-03-07");
  CHECK(time_of_day_text(noon, {}) == "12:00:11");
  CHECK(day_text(noon, {}) == "Sat 7 Mar 2026");
}

TEST_CASE("clocks of a zone show its time, and its day") {
  const Clock auckland{.offset_s = [](std::int64_t) { return 13 * 3600; },
                       .zone = "Pacific/Auckland"};
  CHECK(time_text(noon, auckland) == "2026-03-08 01:00:11");
  CHECK(day_text(noon, auckland) == "Sun 8 Mar 2026");
  const Clock west{.offset_s = [](std::int64_t) { return -13 * 3600; }, .zone = "west"};
  CHECK(time_text(noon, west) == "2026-03-06 23:00:11");
}

TEST_CASE("dates go on beyond the years of four digits") {
  CHECK(date_of(-62'167'219'201) == "-0001-12-31");
  CHECK(date_of(-62'167'219'200) == "0000-01-01");
  CHECK(date_of(253'402'300'800) == "+10000-01-01");
  CHECK(hour_of(-1) == "23");
}
