#include "formats/timeline.hpp"

#include <doctest/doctest.h>

#include "event.hpp"
#include "formats/escape.hpp"

using namespace agentstore;
using namespace agentstore::formats;

namespace {

const Session session{.id = "3f6c0f5e-9d0a-4c39-8d5e-0b2f3a1c7e11",
                      .name = "flight-search",
                      .labels = {},
                      .created_at = parse_rfc3339("2026-03-07T12:00:00Z").value(),
                      .updated_at = {},
                      .event_count = 2};

EventView numbered(std::uint64_t number, std::int64_t ms, EventView event) {
  event.sequence_number = number;
  event.timestamp = {session.created_at.seconds + ms / 1000,
                     static_cast<std::int32_t>(ms % 1000 * 1'000'000)};
  return event;
}

std::string shown(const TimelineOptions& options) {
  StringSink sink;
  Timeline timeline{sink, options};
  timeline.begin(session);
  timeline.event(numbered(1, 0, event_of("user_message", R"({"content":"BER → 日本"})")));
  timeline.event(numbered(2, 2110, event_of("error", R"({"message":"a\u001b[31m\n::b"})")));
  Totals totals;
  totals.events = 2;
  totals.errors = 1;
  totals.first_event_at = session.created_at;
  totals.last_event_at = Timestamp{session.created_at.seconds + 2, 110'000'000};
  timeline.end(totals);
  return sink.text;
}

}  // namespace

TEST_SUITE_BEGIN("timeline");

TEST_CASE("a session stands in a box, its total below") {
  CHECK(shown({.screen = {.columns = 76}}) ==
        R"(┌─ flight-search · 3f6c0f5e · 2026-03-07 12:00:00 UTC ─────────────────────┐
│ #1  00:00.000  user_message   "BER → 日本"                               │
│ #2  00:02.110  error          a\u{1b}[31m\n::b                           │
└──────────────────────────────────────────────────────────────────────────┘
Total: 2 events | 1 error | 2.1 s
)");
}

TEST_CASE("without the box lines begin with their number") {
  CHECK(shown({.box = false}) == R"(#1  00:00.000  user_message   "BER → 日本"
#2  00:02.110  error          a\u{1b}[31m\n::b
Total: 2 events | 1 error | 2.1 s
)");
}

TEST_CASE("every line of the box has the width of the screen") {
  for (std::size_t columns = 24; columns < 130; ++columns) {
    CAPTURE(columns);
    const std::string text = shown({.screen = {.columns = columns}});
    for (std::size_t at = 0; !text.substr(at).starts_with("Total:");) {
      const std::size_t end = text.find('\n', at);
      CHECK(display_width(text.substr(at, end - at)) == columns);
      at = end + 1;
    }
  }
}

TEST_CASE("colour is only where it was asked for") {
  CHECK_FALSE(shown({}).contains('\x1b'));
  CHECK(shown({.screen = {.color = true}}).contains("\x1b[31ma\\u{1b}[31m\\n::b\x1b[0m"));
}

TEST_CASE("events of many sessions name theirs") {
  const std::string text =
      shown({.session_name = [](std::string_view id) { return "<" + std::string{id} + "\x1b>"; }});
  CHECK(text.contains("│ #1  00:00.000  <s\\u{1b}>  user_message   \"BER"));
}

TEST_CASE("the total leaves out what does not apply, and says which cost is unknown") {
  Totals totals;
  CHECK(total_text(totals) == "Total: 0 events");
  totals.events = 8;
  totals.tokens_in = 850;
  totals.tokens_out = 320;
  totals.cost_usd = Decimal::parse("0.018").value();
  totals.tool_calls = 1;
  totals.errors = 1;
  totals.first_event_at = Timestamp{0, 0};
  totals.last_event_at = Timestamp{2, 110'000'000};
  CHECK(total_text(totals) ==
        "Total: 8 events | 1,170 tokens | $0.018 | 1 tool call | 1 error | 2.1 s");
  totals.events_without_cost = 1;
  CHECK(total_text(totals).contains("| $0.018 + 1 response unknown |"));
  totals.cost_usd.reset();
  CHECK(total_text(totals).contains("| cost unknown |"));
}

TEST_SUITE_END();
