#include "cmd/time_words.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace agentstore;
using namespace agentstore::cmd;

namespace {

// A Wednesday.
constexpr const char* now_text = "2026-03-11T15:20:30.5Z";

std::string read(std::string_view text, Day day, const Zone& zone = {},
                 std::string_view at = now_text) {
  const auto time = parse_time(text, day, zone, parse_rfc3339(at).value());
  return time ? format_rfc3339_short(*time) : "invalid: " + time.error().message;
}

std::string first(std::string_view text, const Zone& zone = {}, std::string_view at = now_text) {
  return read(text, Day::first_instant, zone, at);
}

std::string last(std::string_view text, const Zone& zone = {}, std::string_view at = now_text) {
  return read(text, Day::last_instant, zone, at);
}

Zone berlin() {
  return Zone::load("Europe/Berlin").value();
}

}  // namespace

TEST_SUITE_BEGIN("times in words");

TEST_CASE("a weekday is the newest one, today included") {
  CHECK(first("monday") == "2026-03-09T00:00:00Z");
  CHECK(last("monday") == "2026-03-09T23:59:59.999999999Z");
  CHECK(first("Monday") == first("monday"));
  CHECK(first("MON") == first("monday"));
  CHECK(first("wednesday") == "2026-03-11T00:00:00Z");
  CHECK(first("thu") == "2026-03-05T00:00:00Z");
  CHECK(first("sunday") == "2026-03-08T00:00:00Z");
}

TEST_CASE("the last one of its name is before today") {
  CHECK(first("last monday") == "2026-03-09T00:00:00Z");
  CHECK(first("last wednesday") == "2026-03-04T00:00:00Z");
  CHECK(last("Last Wed") == "2026-03-04T23:59:59.999999999Z");
}

TEST_CASE("days with the month's name, as screens write them") {
  CHECK(first("8 Feb") == "2026-02-08T00:00:00Z");
  CHECK(first("Feb 8") == first("8 feb"));
  CHECK(first("Sun 8 Feb 2026") == first("8 feb"));
  CHECK(last("february 8 2025") == "2025-02-08T23:59:59.999999999Z");
  CHECK(first("12 mar") == "2025-03-12T00:00:00Z");
  CHECK(first("8 feb 14:00") == "2026-02-08T14:00:00Z");
  CHECK(first("30 feb").starts_with("invalid"));
  CHECK(first("8 feb 26").starts_with("invalid"));
}

TEST_CASE("weeks as stats writes them") {
  CHECK(first("2026-W11") == "2026-03-09T00:00:00Z");
  CHECK(last("2026-W11") == "2026-03-15T23:59:59.999999999Z");
  CHECK(first("2026-w01") == "2025-12-29T00:00:00Z");
  CHECK(first("2026-W60").starts_with("invalid"));
}

TEST_CASE("days by their names") {
  CHECK(first("today") == "2026-03-11T00:00:00Z");
  CHECK(first("yesterday") == "2026-03-10T00:00:00Z");
  CHECK(last("YESTERDAY") == "2026-03-10T23:59:59.999999999Z");
  CHECK(first("tomorrow") == "2026-03-12T00:00:00Z");
  CHECK(first("Now") == "2026-03-11T15:20:30.5Z");
}

TEST_CASE("weeks begin on Monday; this and the last are those of the calendar") {
  CHECK(first("this week") == "2026-03-09T00:00:00Z");
  CHECK(last("this week") == "2026-03-15T23:59:59.999999999Z");
  CHECK(first("last week") == "2026-03-02T00:00:00Z");
  CHECK(last("last week") == "2026-03-08T23:59:59.999999999Z");
  CHECK(first("this week", {}, "2026-03-09T00:00:00Z") == "2026-03-09T00:00:00Z");
  CHECK(first("this week", {}, "2026-03-08T23:59:59Z") == "2026-03-02T00:00:00Z");
}

TEST_CASE("months and years") {
  CHECK(first("this month") == "2026-03-01T00:00:00Z");
  CHECK(last("last month") == "2026-02-28T23:59:59.999999999Z");
  CHECK(first("last month", {}, "2026-01-31T00:00:00Z") == "2025-12-01T00:00:00Z");
  CHECK(first("this year") == "2026-01-01T00:00:00Z");
  CHECK(last("last year") == "2025-12-31T23:59:59.999999999Z");
  CHECK(first("2026-02") == "2026-02-01T00:00:00Z");
  CHECK(last("2026-02") == "2026-02-28T23:59:59.999999999Z");
  CHECK(last("2024-02") == "2024-02-29T23:59:59.999999999Z");
  CHECK(last("2025-12") == "2025-12-31T23:59:59.999999999Z");
  CHECK(first("2026") == "2026-01-01T00:00:00Z");
  CHECK(last("2026") == "2026-12-31T23:59:59.999999999Z");
  CHECK(last("9999") == "9999-12-31T23:59:59.999999999Z");
}

TEST_CASE("a clock time is today's, or that of the day before it") {
  CHECK(first("14:00") == "2026-03-11T14:00:00Z");
  CHECK(last("14:00") == "2026-03-11T14:00:00Z");
  CHECK(first("9:05:07") == "2026-03-11T09:05:07Z");
  CHECK(first("noon") == "2026-03-11T12:00:00Z");
  CHECK(first("midnight") == "2026-03-11T00:00:00Z");
  CHECK(first("yesterday noon") == "2026-03-10T12:00:00Z");
  CHECK(first("yesterday at 14:00") == "2026-03-10T14:00:00Z");
  CHECK(first("monday 9:30") == "2026-03-09T09:30:00Z");
  CHECK(first("last wednesday 9:30") == "2026-03-04T09:30:00Z");
  CHECK(first("2026-03-07 noon") == "2026-03-07T12:00:00Z");
  CHECK(first("2026-03-07 9:30") == "2026-03-07T09:30:00Z");
  CHECK(first("2pm") == "2026-03-11T14:00:00Z");
  CHECK(first("12 am") == "2026-03-11T00:00:00Z");
  CHECK(first("2:30 PM") == "2026-03-11T14:30:00Z");
}

TEST_CASE("how long ago") {
  for (const char* const text : {"1h", "-1h", "1 h", "1 hr ago", "1 hour ago", "an hour ago",
                                 "last hour", "1.hour.ago", "60m", "60 mins ago", "1 HR AGO"}) {
    CAPTURE(text);
    CHECK(first(text) == "2026-03-11T14:20:30.5Z");
  }
  CHECK(first("2 days ago") == "2026-03-09T15:20:30.5Z");
  CHECK(first("last 2 days") == first("2 days ago"));
  CHECK(first("1w") == "2026-03-04T15:20:30.5Z");
  CHECK(first("1h30m") == "2026-03-11T13:50:30.5Z");
  CHECK(first("1h 30m ago") == "2026-03-11T13:50:30.5Z");
  CHECK(first("30 sec ago") == "2026-03-11T15:20:00.5Z");
  CHECK(first("1 month ago") == "2026-02-11T15:20:30.5Z");
  CHECK(first("1 month ago", {}, "2026-03-31T01:00:00Z") == "2026-02-28T01:00:00Z");
  CHECK(first("2 years ago", {}, "2026-03-31T01:00:00Z") == "2024-03-31T01:00:00Z");
}

TEST_CASE("days, weeks and months of a zone are as long as its clocks say") {
  const Zone zone = berlin();
  // The night of Sunday, 29 March, has no 02:30; Monday is 30 March.
  const char* const now = "2026-03-30T10:00:00Z";
  CHECK(first("sunday", zone, now) == "2026-03-28T23:00:00Z");
  CHECK(last("sunday", zone, now) == "2026-03-29T21:59:59.999999999Z");
  CHECK(first("last week", zone, now) == "2026-03-22T23:00:00Z");
  CHECK(last("last week", zone, now) == "2026-03-29T21:59:59.999999999Z");
  CHECK(first("this week", zone, now) == "2026-03-29T22:00:00Z");
  CHECK(first("2026-03", zone, now) == "2026-02-28T23:00:00Z");
  CHECK(last("2026-03", zone, now) == "2026-03-31T21:59:59.999999999Z");
  CHECK(first("2026", zone, now) == "2025-12-31T23:00:00Z");
  CHECK(first("14:00", zone, now) == "2026-03-30T12:00:00Z");
  CHECK(first("yesterday 3:30", zone, now) == "2026-03-29T01:30:00Z");
  CHECK(first("yesterday 2:30", zone, now).find("skip") != std::string::npos);
  // An hour is an hour; a month ago is the same time of another day.
  CHECK(first("12 hours ago", zone, "2026-03-29T10:00:00Z") == "2026-03-28T22:00:00Z");
  CHECK(first("1 month ago", zone, now) == "2026-02-28T11:00:00Z");
}

TEST_CASE("of a local time that comes twice the first is meant") {
  const Zone zone = berlin();
  const char* const now = "2026-10-25T10:00:00Z";
  CHECK(first("2:30", zone, now) == "2026-10-25T00:30:00Z");
  CHECK(last("today", zone, now) == "2026-10-25T22:59:59.999999999Z");
  CHECK(first("midnight", zone, now) == "2026-10-24T22:00:00Z");
}

TEST_CASE("today is the zone's own") {
  const Zone tokyo = Zone::load("Asia/Tokyo").value();
  CHECK(first("today", tokyo) == "2026-03-11T15:00:00Z");
  CHECK(first("thursday", tokyo) == "2026-03-11T15:00:00Z");
}

TEST_CASE("what is not a time is said not to be one") {
  for (const char* const text : {"",
                                 "soon",
                                 "2026-13",
                                 "2026-00",
                                 "26:00",
                                 "14:60",
                                 "14:5",
                                 "last",
                                 "this",
                                 "this fortnight",
                                 "13 pm",
                                 "0 am",
                                 "ago",
                                 "1",
                                 "3 parsecs ago",
                                 "mo",
                                 "1h 30",
                                 "monday tuesday",
                                 "-",
                                 "at 14",
                                 "99999999999h",
                                 "2026-03-01 25:00",
                                 "14:00:00:00",
                                 ":",
                                 "2026-1"}) {
    CAPTURE(text);
    CHECK(first(text).starts_with("invalid"));
  }
}

TEST_SUITE_END();
