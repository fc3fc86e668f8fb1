#include "formats/answers/show.hpp"

#include <doctest/doctest.h>

#include "formats/event.hpp"
#include "formats/text/escape.hpp"

namespace agentstore::formats {
namespace {

std::string shown(const ShownEvent& event, std::size_t columns = 0) {
  StringSink sink;
  write_event(sink, event, {.columns = columns});
  return sink.text;
}

}  // namespace

TEST_SUITE("show") {
  TEST_CASE("a call with its result") {
    const EventView result =
        event_of("tool_result", R"({"output":"line 1\nline 2","exit_code":1})");
    ShownEvent event;
    event.event = event_of("tool_called", R"({"tool":"sh","args":{"command":"make","dir":"/x"}})");
    event.result = EventReference{2, "tool_result"};
    event.result_event = result;
    event.outcome = {.result = 2,
                     .called_at = {},
                     .duration_ms = 1500,
                     .failed = true,
                     .ending = "failed: exit 1"};
    CHECK(shown(event) == R"(#1  tool_called  sh
  Thu 1 Jan 1970 00:00:00.000 UTC

  command  make
  dir      /x

  result #1 after 1.5 s, failed: exit 1
    line 1
    line 2

    exit_code  1

  result  #2 tool_result
)");
  }

  TEST_CASE("a response with what it thought, used and cost") {
    ShownEvent event;
    event.event = event_of(
        "llm_response",
        R"({"content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"yes"}]})",
        R"({"model":"m-1","tokens_in":1200,"tokens_out":3,"cost_usd":0.018})");
    const std::string text = shown(event);
    CHECK(text.contains("  thinking\n    hm\n\n  yes\n"));
    CHECK(text.contains("  model       m-1\n  tokens in   1,200\n  tokens out  3\n"));
    CHECK(text.contains("  cost        $0.018, as recorded\n"));
  }

  TEST_CASE("a computed cost names its price") {
    ShownEvent event;
    event.event = event_of("llm_response", R"({"content":"x"})",
                           R"({"model":"claude-opus-4-5","tokens_in":1000,"tokens_out":1})");
    event.event.timestamp = {.seconds = 1'770'000'000, .nanoseconds = 0};
    const std::string text = shown(event);
    CHECK(text.contains("  cost        ~$0.005"));
    CHECK(
        text.contains("list prices of claude-opus-4-5 for a million tokens: in $5.00, out $25.00"));
  }

  TEST_CASE("no line is wider than the screen, and none is lost") {
    ShownEvent event;
    event.event =
        event_of("user_message",
                 R"({"content":"a quite long text that goes on and on 日本語日本語日本語日本語"})");
    for (std::size_t columns = 20; columns < 70; ++columns) {
      CAPTURE(columns);
      std::string_view rest;
      const std::string text = shown(event, columns);
      for (rest = text; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1))
        CHECK(display_width(rest.substr(0, rest.find('\n'))) <= std::max<std::size_t>(columns, 40));
    }
  }

  TEST_CASE("what was redacted is said to be") {
    ShownEvent event;
    event.event = event_of("user_message", "null");
    event.event.redacted_by = 7;
    CHECK(shown(event).contains("  the payload was redacted; #7 says why\n"));
  }

  TEST_CASE("as JSON, with parts") {
    StringSink sink;
    ShowJson json{sink, "s"};
    ShownEvent event;
    event.event = event_of("tool_called", R"({"tool":"sh","args":{"command":"make"}})");
    event.event.line = R"({"session_id":"s"})";
    event.result = EventReference{2, "tool_result"};
    json.add(event);
    json.end();
    CHECK(sink.text ==
          R"({"schema":"agentstore/show/1","session_id":"s","events":[{"session_id":"s"}
]
,"parts":[{"sequence_number":1,"text":null,"tool_name":"sh","tool_args":{"command":"make"},"file":null,"command":"make","failed":null,"cost_total_usd":null,"call":null,"result":2,"duration_ms":null,"cause":null,"caused":[],"usage":null,"price":null}]}
)");
  }
}

}  // namespace agentstore::formats
