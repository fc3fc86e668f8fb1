#include "backends/sqlite_time.hpp"

#include <doctest/doctest.h>

#include <string>

namespace agentstore {

TEST_SUITE_BEGIN("sqlite_time");

TEST_CASE("every form of ISO 8601 is read as the instant that it names") {
  const Timestamp at{1'772'323'200, 0};  // 2026-03-01T00:00:00Z, a Sunday
  for (const std::string text : {"2026-03-01T00:00:00Z",
                                 "2026-03-01t00:00:00z",
                                 "2026-03-01T00:00:00+00:00",
                                 "2026-03-01T00:00:00.000000+00:00",
                                 "2026-03-01 00:00:00",
                                 "2026-03-01",
                                 "20260301",
                                 "20260301T000000Z",
                                 "20260301T0000",
                                 "2026-03-01T00",
                                 "2026-03-01T02:30:00+02:30",
                                 "2026-03-01T0200+02",
                                 "2026-02-28T23:00:00-0100",
                                 "2026-02-28T24:00",
                                 "2026-W09-7",
                                 "2026W097T000000Z",
                                 "2026-060",
                                 "2026060",
                                 "2026-03-01T00:00:00,000",
                                 "2026-03-01T00:00:00.0000000000001",
                                 "2026-03-01T00:00:01+00:00:01"}) {
    CAPTURE(text);
    CHECK(parse_iso8601(text) == at);
  }
  CHECK(parse_iso8601("2026-03-01T00:00:00.123456789123Z") == Timestamp{at.seconds, 123'456'789});
  CHECK(parse_iso8601("2026-03-01T00:00:00.5-00:00") == Timestamp{at.seconds, 500'000'000});
  CHECK(parse_iso8601("2025-W01-1") == parse_iso8601("2024-12-30"));
  CHECK(parse_iso8601("2020-W53-7") == parse_iso8601("2021-01-03"));
  CHECK(parse_iso8601("2024-366") == parse_iso8601("2024-12-31"));
  CHECK(parse_iso8601("0000-01-01T00:00:00Z") == Timestamp{seconds_min, 0});
}

TEST_CASE("what names no instant is none") {
  for (const std::string text : {"",
                                 "yesterday",
                                 "2026",
                                 "2026-02-29",
                                 "2026-13-01",
                                 "2026-00-01",
                                 "2026-3-1",
                                 "2026-03-01T",
                                 "2026-03-01T25:00",
                                 "2026-03-01T24:01",
                                 "2026-03-01T00:60",
                                 "2026-03-01T00:00:60Z",
                                 "2026-03-01T00:00:00.",
                                 "2026-03-01T00:00:00.Z",
                                 "2026-03-01T00:00:00 Z",
                                 "2026-03-01T00:00:00+",
                                 "2026-03-01T00:00:00+24:00",
                                 "2026-03-01T00:00:00+01:60",
                                 "2026-03-01T00:00:00Zx",
                                 "2026-W54-1",
                                 "2021-W53-1",
                                 "2026-W09-8",
                                 "2026-W00-1",
                                 "2026-366",
                                 "2026-000",
                                 " 2026-03-01",
                                 "2026-03-01 ",
                                 "9999-12-31T23:59:59-01:00",
                                 "0000-01-01T00:00:00+01:00",
                                 "1772323200",
                                 "2026-03-0a"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_iso8601(text));
  }
}

TEST_CASE("what is written is read back, to the microsecond") {
  CHECK(occurred_at_text({1'772'323'200, 123'456'789}) == "2026-03-01T00:00:00.123456+00:00");
  CHECK(occurred_at_text({1'772'323'200, 0}) == "2026-03-01T00:00:00.000000+00:00");
  for (const Timestamp at :
       {Timestamp{seconds_min, 0}, Timestamp{seconds_max, 999'999'000}, Timestamp{-1, 1'000}}) {
    CHECK(parse_iso8601(occurred_at_text(at)) == at);
  }
}

TEST_SUITE_END();

}  // namespace agentstore
