#include "formats/page/time_axis.hpp"

#include <doctest/doctest.h>

#include "formats/page/charts.hpp"
#include "formats/page/overview_page.hpp"
#include "formats/page/waterfall.hpp"

namespace agentstore::formats {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;

}  // namespace

TEST_SUITE("time axis") {
  TEST_CASE("milliseconds and instants are the same times, before 1970, too") {
    for (const std::int64_t ms : {0LL, 1'772'884'800'123LL, -1LL, -62'135'596'800'000LL}) {
      CAPTURE(ms);
      CHECK(milliseconds_of(instant_of(ms)) == ms);
    }
  }

  TEST_CASE("a night between two hours of work takes no room") {
    const TimeAxis axis{{{0, hour_ms}, {10 * hour_ms, 11 * hour_ms}}, 0, 100, Idle::cut};
    REQUIRE(axis.cuts().size() == 1);
    CHECK(axis.cuts().front().idle_ms == 9 * hour_ms);
    CHECK(axis.x_of(0) == 0);
    CHECK(axis.x_of(hour_ms) == doctest::Approx(43));
    CHECK(axis.x_of(10 * hour_ms) == doctest::Approx(57));
    CHECK(axis.x_of(11 * hour_ms) == doctest::Approx(100));
  }

  TEST_CASE("where idle time is kept, places are in proportion") {
    const TimeAxis axis{{{0, 0}, {10 * hour_ms, 10 * hour_ms}}, 0, 100, Idle::kept};
    CHECK(axis.cuts().empty());
    CHECK(axis.x_of(5 * hour_ms) == doctest::Approx(50));
  }

  TEST_CASE("what lies beyond is at an end; times in any order do") {
    const TimeAxis axis{{{2000, 3000}, {0, 1000}}, 10, 20, Idle::cut};
    CHECK(axis.x_of(-5) == 10);
    CHECK(axis.x_of(99'000) == 20);
  }

  TEST_CASE("an instant alone has no length, and nothing has none") {
    CHECK_FALSE(TimeAxis({{5, 5}, {5, 5}}, 0, 1, Idle::cut).has_length());
    CHECK_FALSE(TimeAxis({}, 0, 1, Idle::cut).has_length());
    CHECK(TimeAxis({}, 0, 1, Idle::cut).ticks({}, 10).empty());
  }

  TEST_CASE("of very many idle stretches only the longest are cut") {
    std::vector<BusyTime> busy;
    for (int i = 0; i < 1000; ++i) busy.push_back({i * hour_ms, i * hour_ms + 1000 + i});
    const TimeAxis axis{busy, 0, 1000, Idle::cut};
    CHECK(axis.cuts().size() <= 24);
    CHECK(axis.x_of(0) == 0);
    CHECK(axis.x_of(999 * hour_ms + 1999) == doctest::Approx(1000));
  }

  TEST_CASE("ticks keep their distance, over seconds and over centuries") {
    for (const std::int64_t length :
         {std::int64_t{900}, std::int64_t{60'000}, 30 * hour_ms, 800'000 * hour_ms}) {
      CAPTURE(length);
      const TimeAxis axis{{{0, length}}, 0, 1000, Idle::kept};
      const auto ticks = axis.ticks({}, 84);
      REQUIRE_FALSE(ticks.empty());
      CHECK(ticks.size() <= 12);
      for (std::size_t i = 1; i < ticks.size(); ++i) CHECK(ticks[i].x - ticks[i - 1].x >= 84);
    }
  }
}

TEST_SUITE("waterfall") {
  TEST_CASE("three hundred sub-agents have a lane each, and names are text") {
    std::vector<Lane> lanes(301);
    for (std::size_t i = 1; i < lanes.size(); ++i) {
      lanes[i].name = "agent <" + std::to_string(i) + ">";
      lanes[i].calls.push_back({.sequence_number = i, .begin_ms = 0, .end_ms = 500, .words = "x"});
    }
    StringSink sink;
    write_waterfall(sink, lanes, {}, TimeAxis{{{0, 1000}}, 0, 1000, Idle::cut}, {});
    CHECK(sink.text.contains("agent &lt;300&gt;"));
    CHECK_FALSE(sink.text.contains("agent <"));
  }

  TEST_CASE("calls that lie on one another are one bar that says how many failed") {
    Lane lane;
    for (std::uint64_t i = 1; i <= 5000; ++i)
      lane.calls.push_back({.sequence_number = i,
                            .begin_ms = static_cast<std::int64_t>(i),
                            .end_ms = static_cast<std::int64_t>(i),
                            .failed = i == 9,
                            .words = "Bash"});
    StringSink sink;
    write_waterfall(sink, {lane}, {}, TimeAxis{{{0, 10'000'000}}, 0, 1000, Idle::kept}, {});
    CHECK(sink.text.contains("5,000 calls from #1 on, 1 failed"));
    CHECK(sink.text.contains("href=\"#e9\""));
  }

  TEST_CASE("calls at the same time are below one another") {
    Lane lane;
    for (std::uint64_t i = 1; i <= 2; ++i)
      lane.calls.push_back({.sequence_number = i, .begin_ms = 0, .end_ms = 900, .words = "Task"});
    StringSink sink;
    write_waterfall(sink, {lane}, {}, TimeAxis{{{0, 1000}}, 0, 1000, Idle::kept}, {});
    CHECK(sink.text.contains("y=\"16\""));
    CHECK(sink.text.contains("y=\"29\""));
  }
}

TEST_SUITE("charts") {
  TEST_CASE("numbers of SVG are short") {
    CHECK(svg_number(12.04) == "12");
    CHECK(svg_number(-0.04) == "0");
    CHECK(svg_number(0.55) == "0.6");
  }

  TEST_CASE("bars leave no day out between the first and the last, and none beyond a year") {
    StringSink sink;
    write_day_bars(sink, "Cost", {{"2026-03-01", 1, "$1"}, {"2026-03-03", 2, "$2"}});
    // Two days after the first one.
    CHECK(sink.text.contains("<rect x=\"132\""));
    StringSink old;
    write_day_bars(old, "Cost", {{"2020-01-01", 1, "$1"}, {"2026-03-03", 2, "$2"}});
    CHECK(old.text.contains("the newest 366 days"));
    StringSink none;
    write_day_bars(none, "Cost", {{"+10000-01-01", 1, "$1"}});
    CHECK(none.text.empty());
  }

  TEST_CASE("a calendar has a square for every day of a year") {
    StringSink sink;
    write_calendar(sink, {{"2024-02-29", 3, "3 events"}});
    std::size_t squares = 0;
    for (std::size_t at = sink.text.find("<rect"); at != sink.text.npos;
         at = sink.text.find("<rect", at + 1))
      ++squares;
    CHECK(squares == 366);
    CHECK(sink.text.contains("class=\"level4\"><title>2024-02-29: 3 events</title>"));
  }
}

TEST_SUITE("overview page") {
  TEST_CASE("names are text, pages are linked, and what is not known is said") {
    Overview overview;
    overview.generator = "agentstore test";
    overview.unread = {"run-1: cannot be read"};
    OverviewSession& first = overview.sessions.emplace_back();
    first.name = "<script>x</script>";
    first.page = "a.html";
    overview.sessions.emplace_back().title = "a title";
    StringSink sink;
    write_overview(sink, overview, {}, nullptr);
    CHECK(sink.text.contains("<a href=\"a.html\">&lt;script&gt;x&lt;/script&gt;</a>"));
    CHECK(sink.text.contains("&quot;a title&quot;"));
    CHECK(sink.text.contains("not read: run-1: cannot be read"));
    CHECK(sink.text.contains("content=\"overview "));
    CHECK(sink.text.contains("<title>2 sessions</title>"));
  }
}

}  // namespace agentstore::formats
