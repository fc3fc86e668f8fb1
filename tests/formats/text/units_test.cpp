#include "formats/text/units.hpp"

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
  CHECK(separated("-1234567.8901") == "-1,234,567.8901");
  CHECK(dollars_text(Decimal::parse("12345.678").value()) == "$12,345.68");
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

TEST_CASE("durations are short, and of one form") {
  CHECK(duration_text(0) == "0 ms");
  CHECK(duration_text(212) == "212 ms");
  CHECK(duration_text(2110) == "2.1 s");
  CHECK(duration_text(9499) == "9.4 s");
  CHECK(duration_text(59'999) == "59.9 s");
  CHECK(duration_text(73'000) == "1 m 13 s");
  CHECK(duration_text(34'123'456) == "9 h 28 m");
  CHECK(duration_text(273'600'000) == "3 d 4 h");
  CHECK(duration_text(-1500) == "-1.5 s");
  CHECK(duration_text(std::numeric_limits<std::int64_t>::min()) == "-106,751,991,167 d 7 h");
}

TEST_CASE("counts have separated thousands and a plural") {
  CHECK(counted(0, "event") == "0 events");
  CHECK(counted(1, "event") == "1 event");
  CHECK(counted(8120, "event") == "8,120 events");
  CHECK(counted(std::numeric_limits<std::uint64_t>::max(), "byte") ==
        "18,446,744,073,709,551,615 bytes");
}

TEST_CASE("a cost is one number, with what it lacks apart") {
  Totals totals;
  CHECK(cost_text(totals).empty());
  CHECK(unknown_costs_text(totals).empty());

  totals.events_without_cost = 2;
  CHECK(cost_text(totals) == "unknown");
  CHECK(unknown_costs_text(totals).empty());

  totals.cost_usd = Decimal::parse("0.16").value();
  CHECK(cost_text(totals) == "$0.16");
  CHECK(unknown_costs_text(totals) == "+ 2 responses unknown");

  totals.events_without_cost = 0;
  totals.cost_computed_usd = Decimal::parse("46.3").value();
  CHECK(cost_text(totals) == "~$46.46");
  CHECK(unknown_costs_text(totals).empty());
}

TEST_CASE("a UUID is known by its first group") {
  CHECK(short_id("3f6c0f5e-9d0a-4c39-8d5e-0b2f3a1c7e11") == "3f6c0f5e");
  CHECK(short_id("agent-001") == "agent-001");
}

TEST_SUITE_END();
