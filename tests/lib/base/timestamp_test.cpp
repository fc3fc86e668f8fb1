#include "agentstore/timestamp.hpp"
#include "support/seed.hpp"

#include <doctest/doctest.h>

#include <random>

namespace agentstore {

TEST_SUITE_BEGIN("timestamp");

TEST_CASE("RFC 3339 times are the instants that they name") {
  struct Known {
    const char* text;
    Timestamp at;
  };
  for (const auto& [text, at] : {Known{"1970-01-01T00:00:00Z", {0, 0}},
                                 {"2026-03-07T12:00:00.123456789Z", {1'772'884'800, 123'456'789}},
                                 {"2026-03-07t12:00:00z", {1'772'884'800, 0}},
                                 {"2026-03-07T14:00:00+02:00", {1'772'884'800, 0}},
                                 {"2026-03-07T06:30:00-05:30", {1'772'884'800, 0}},
                                 {"2026-03-07T11:59:59-00:00", {1'772'884'799, 0}},
                                 {"2026-03-07T12:00:00.5Z", {1'772'884'800, 500'000'000}},
                                 {"1969-12-31T23:59:59.25Z", {-1, 250'000'000}},
                                 {"0001-01-01T00:00:00Z", {-62'135'596'800, 0}},
                                 {"9999-12-31T23:59:59.999999999Z", {253'402'300'799, 999'999'999}},
                                 {"2000-02-29T00:00:00Z", {951'782'400, 0}},
                                 {"2024-12-31T23:30:00-01:00", {1'735'691'400, 0}}}) {
    CAPTURE(text);
    const auto parsed = parse_rfc3339(text);
    REQUIRE(parsed);
    CHECK(*parsed == at);
  }
}

TEST_CASE("what is no RFC 3339 time is refused") {
  for (const char* const text : {"",
                                 "2026-03-07",
                                 "2026-03-07T12:00:00",
                                 "2026-03-07 12:00:00Z",
                                 "2026-03-07T12:00Z",
                                 "2026-03-07T12:00:60Z",
                                 "2016-12-31T23:59:60Z",
                                 "2026-03-07T24:00:00Z",
                                 "2026-03-07T12:60:00Z",
                                 "2026-02-29T00:00:00Z",
                                 "1900-02-29T00:00:00Z",
                                 "2026-13-01T00:00:00Z",
                                 "2026-00-01T00:00:00Z",
                                 "2026-01-00T00:00:00Z",
                                 "2026-04-31T00:00:00Z",
                                 "2026-03-07T12:00:00.1234567890Z",
                                 "2026-03-07T12:00:00.Z",
                                 "2026-03-07T12:00:00+24:00",
                                 "2026-03-07T12:00:00+01:60",
                                 "2026-03-07T12:00:00+0100",
                                 "2026-03-07T12:00:00+01",
                                 "2026-03-07T12:00:00ZZ",
                                 "2026-03-07T12:00:00Z ",
                                 " 2026-03-07T12:00:00Z",
                                 "02026-03-07T12:00:00Z",
                                 "26-03-07T12:00:00Z",
                                 "+026-03-07T12:00:00Z",
                                 "2026-3-7T12:00:00Z",
                                 "2026-03-07T12:00:00,5Z",
                                 "2026-03-07T12:00:00.5",
                                 "2026-03-07T-1:00:00Z",
                                 "2026-03-07T12:00:00UTC"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rfc3339(text));
  }
}

TEST_CASE("an offset that leads out of the years 0000 to 9999 is refused") {
  CHECK_FALSE(parse_rfc3339("9999-12-31T23:59:59-00:01"));
  CHECK_FALSE(parse_rfc3339("0000-01-01T00:00:00+00:01"));
  CHECK(parse_rfc3339("0000-01-01T00:00:00Z"));
  CHECK(parse_rfc3339("0000-01-01T00:00:00-00:01"));
}

TEST_CASE("formatting is undone by parsing, for every instant of the years 0000 to 9999") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  std::uniform_int_distribution<std::int64_t> seconds{-62'167'219'200, 253'402'300'799};
  std::uniform_int_distribution<std::int32_t> nanoseconds{0, 999'999'999};
  for (int i = 0; i < 20'000; ++i) {
    const Timestamp at{seconds(random), i % 2 == 0 ? nanoseconds(random) : 0};
    const std::string text = format_rfc3339(at);
    CAPTURE(text);
    REQUIRE(text.size() == 30);
    REQUIRE(parse_rfc3339(text) == at);
    REQUIRE(parse_rfc3339(format_rfc3339_short(at)) == at);
  }
}

TEST_CASE("nine digits stand in our logs, and no trailing zeros in Go's") {
  CHECK(format_rfc3339({0, 0}) == "1970-01-01T00:00:00.000000000Z");
  CHECK(format_rfc3339_short({0, 0}) == "1970-01-01T00:00:00Z");
  CHECK(format_rfc3339_short({0, 120'000'000}) == "1970-01-01T00:00:00.12Z");
  CHECK(format_rfc3339_short({0, 1}) == "1970-01-01T00:00:00.000000001Z");
  CHECK(format_rfc3339_short({10, 0}) == "1970-01-01T00:00:10Z");
  CHECK(format_rfc3339_short(zero_time) == "0001-01-01T00:00:00Z");
  CHECK(format_rfc3339({-1, 1}) == "1969-12-31T23:59:59.000000001Z");
}

TEST_CASE("milliseconds between instants are rounded towards zero") {
  CHECK(milliseconds_between({0, 0}, {1, 500'000}) == 1000);
  CHECK(milliseconds_between({0, 999'999'999}, {1, 0}) == 0);
  CHECK(milliseconds_between({1, 0}, {0, 999'999'999}) == 0);
  CHECK(milliseconds_between({0, 0}, {-1, 999'000'000}) == -1);
  CHECK(milliseconds_between({5, 0}, {2, 500'000'000}) == -2500);
  CHECK(milliseconds_between({-2, 0}, {2, 1'999'999}) == 4001);
}

TEST_CASE("instants are compared, never texts") {
  CHECK(*parse_rfc3339("2026-03-07T12:00:00+02:00") < *parse_rfc3339("2026-03-07T11:00:00Z"));
  CHECK(Timestamp{-1, 999'999'999} < Timestamp{0, 0});
}

TEST_SUITE_END();

}  // namespace agentstore
