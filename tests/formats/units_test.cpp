#include "formats/units.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace agentstore;
using namespace agentstore::formats;

TEST_SUITE_BEGIN("units");

TEST_CASE("thousands are separated") {
  CHECK(thousands(0) == "0");
  CHECK(thousands(999) == "999");
  CHECK(thousands(6769) == "6,769");
  CHECK(thousands(-21'685'848) == "-21,685,848");
  CHECK(thousands(std::numeric_limits<std::int64_t>::min()) == "-9,223,372,036,854,775,808");
}

TEST_CASE("elapsed times grow with what they say") {
  CHECK(elapsed_text(0) == "00:00.000");
  CHECK(elapsed_text(1234) == "00:01.234");
  CHECK(elapsed_text(-61'002) == "-01:01.002");
  CHECK(elapsed_text(3'600'000) == "1:00:00.000");
  CHECK(elapsed_text(35'999'999) == "9:59:59.999");
  CHECK(elapsed_text(36'000'000) == "10:00:00.000");
  CHECK(elapsed_text(86'400'000) == "1d 00:00:00");
  CHECK(elapsed_text(183'845'999) == "2d 03:04:05");
  CHECK(elapsed_text(std::numeric_limits<std::int64_t>::min()) == "-106751991167d 07:12:55");
}

TEST_CASE("durations are short") {
  CHECK(duration_text(2110) == "2.11 s");
  CHECK(duration_text(5) == "5 ms");
  CHECK(duration_text(185'000) == "3 min 05 s");
  CHECK(duration_text(7'380'000) == "2 h 03 min");
  CHECK(duration_text(370'800'000) == "4 d 07 h");
}

TEST_CASE("a UUID is known by its first group") {
  CHECK(short_id("3f6c0f5e-9d0a-4c39-8d5e-0b2f3a1c7e11") == "3f6c0f5e");
  CHECK(short_id("agent-001") == "agent-001");
}

TEST_SUITE_END();
