#include "formats/events/timeline.hpp"
#include "formats/events/total_text.hpp"

#include <doctest/doctest.h>

#include "formats/event.hpp"
#include "formats/text/escape.hpp"

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
  timeline.begin(session, {}, session.created_at);
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
        R"(┌─ flight-search · 3f6c0f5e · Sat 7 Mar 2026, UTC ─────────────────────────┐
│ #1  12:00:00  user_message   "BER → 日本"                                │
│ #2  12:00:02  error          a\u{1b}[31m\n::b                            │
└──────────────────────────────────────────────────────────────────────────┘
Total: 2 events | 1 error | 2.1 s
)");
}

TEST_CASE("without the box lines begin with their number") {
  const std::string text = shown({.box = false});
  CHECK(text.substr(text.find('\n') + 1) == R"(#1  12:00:00  user_message   "BER → 日本"
#2  12:00:02  error          a\u{1b}[31m\n::b
Total: 2 events | 1 error | 2.1 s
)");
}

TEST_CASE("every line of the box has the width of the screen") {
  for (std::size_t columns = 40; columns < 130; ++columns) {
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
  CHECK(text.contains("│ #1  12:00:00  <s\\u{1b}>  user_message   \"BER"));
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
  CHECK(total_text(totals, 60) == "Total: 8 events | $0.018 | 1 tool call | 1 error | 2.1 s");
  totals.tool_errors = 1;
  CHECK(total_text(totals).contains("| 1 tool call, 1 failed |"));
  totals.tool_errors = 0;
  totals.events_without_cost = 1;
  CHECK(total_text(totals).contains("| $0.018 + 1 response unknown |"));
  totals.cost_usd.reset();
  CHECK(total_text(totals).contains("| cost unknown |"));
}

namespace {

/// Claude's, a second after the one before.
class Conversation {
 public:
  explicit Conversation(TimelineOptions options)
      : timeline_{sink_, with_names(std::move(options))} {}

  Conversation& add(std::string_view type, std::string_view payload,
                    std::string_view metadata = "{}") {
    const std::uint64_t number = ++events_;
    timeline_.event(numbered(number, static_cast<std::int64_t>(number) * 1000,
                             event_of(type, payload, metadata)));
    return *this;
  }
  Conversation& call(std::string_view id, std::string_view command) {
    const std::string payload = R"({"id":")" + std::string{id} +
                                R"(","name":"Bash","input":{"command":")" + std::string{command} +
                                "\"}}";
    return add("tool_called", payload);
  }
  Conversation& result(std::string_view id, std::string_view more) {
    const std::string payload =
        R"({"tool_use_id":")" + std::string{id} + "\"," + std::string{more} + "}";
    return add("tool_result", payload, R"({"tool_name":"Bash","duration_ms":41000})");
  }
  std::string text() {
    timeline_.finish();
    return sink_.text;
  }

 private:
  static TimelineOptions with_names(TimelineOptions options) {
    options.box = false;
    options.talk = TalkNames{"claude", "/src/me"};
    if (options.screen.columns == 0) options.screen.columns = 80;
    return options;
  }

  StringSink sink_;
  Timeline timeline_;
  std::uint64_t events_ = 0;
};

}  // namespace

TEST_CASE("a conversation tells who, what, how long and how it ended") {
  Conversation told{{.pairs = true}};
  told.add("user_message", R"({"content":"now run\n  the tests"})");
  told.call("a", "mise run test").result("a", R"("is_error":true,"content":"Exit code 1\nno")");
  told.call("b", "ls").result("b", R"("content":"")");
  told.add("llm_response", R"({"content":"Tests pass now."})",
           R"({"tokens_out":1320,"cost_usd":0.02,"model":"m"})");
  CHECK(told.text() == R"(#1  12:00:01  user        now run the tests
#2  12:00:02  Bash        mise run test                   41.0 s  failed: exit 1
#4  12:00:04  Bash        ls                              41.0 s
#6  12:00:06  claude      Tests pass now.              1,320 out  $0.020
)");
}

TEST_CASE("a result that comes later joins the line of its call, in order") {
  Conversation told{{.pairs = true}};
  told.call("a", "first").call("b", "second");
  told.add("llm_response", R"({"content":"meanwhile"})");
  told.result("b", R"("content":"")").result("a", R"("content":"")");
  CHECK(told.text() == R"(#1  12:00:01  Bash        first                           41.0 s
#2  12:00:02  Bash        second                          41.0 s
#3  12:00:03  claude      meanwhile
)");
}

TEST_CASE("a call without a result, and a result without a call, have a line of their own") {
  Conversation told{{.pairs = true, .tells_unanswered = true}};
  told.result("x", R"("content":"late")").call("a", "first");
  CHECK(told.text() == R"(#1  12:00:01  Bash        → late                          41.0 s
#2  12:00:02  Bash        first                                   no result
)");
}

TEST_CASE("a result is not waited for without end") {
  Conversation told{{.pairs = true}};
  told.call("a", "first");
  for (int i = 0; i < 100; ++i) told.add("user_message", R"({"content":"x"})");
  told.result("a", R"("content":"late")");
  const std::string text = told.text();
  CHECK(text.starts_with("#1  12:00:01  Bash        first\n"));
  CHECK(text.contains("#102  12:01:42  Bash        → late"));
}

TEST_CASE("bookkeeping is a line with its count, before the next message") {
  constexpr std::string_view hook = R"({"extra":{"record_type":"progress/hook_progress"}})";
  Conversation told{{.pairs = true, .fold = true}};
  told.call("a", "ls").add("custom", R"({"data":{"command":"x"}})", hook);
  told.result("a", R"("content":"")").add("llm_response", R"({"content":[]})");
  told.add("custom", R"({"n":1})").add("user_message", R"({"content":"go"})");
  told.add("custom", R"({"content":"a text"})");
  CHECK(told.text() == R"(#1  12:00:01  Bash        ls                              41.0 s
    2 hook and custom events, 1 response without text (-v shows them)
#6  12:00:06  user        go
#7  12:00:07  custom      a text
)");
}

TEST_CASE("what a response used stands at its answer, whichever event told it") {
  constexpr std::string_view part = R"({"tokens_out":1,"extra":{"response":"r1"}})";
  constexpr std::string_view other = R"({"tokens_out":7,"extra":{"response":"r2"}})";
  Conversation told{{.pairs = true, .fold = true}};
  told.add("llm_response", R"({"content":[{"type":"thinking","thinking":"hm"}]})", part);
  told.add("llm_response", R"({"content":"I will."})", part);
  told.add("llm_response", R"({"content":[],"usage":{}})",
           R"({"tokens_out":169,"extra":{"response":"r1"}})");
  told.add("llm_response", R"({"content":"And this."})", other);
  told.add("llm_response", R"({"content":[],"usage":{}})",
           R"({"tokens_out":9,"extra":{"response":"r3"}})");
  told.add("llm_response", R"({"content":"No number."})");
  told.add("llm_response", R"({"content":[],"usage":{}})", R"({"tokens_out":38})");
  CHECK(told.text() == R"(#1  12:00:01  claude      thinking: hm
#2  12:00:02  claude      I will.                        169 out
#4  12:00:04  claude      And this.                        7 out
#6  12:00:06  claude      No number.                      38 out
    1 response without text (-v shows them)
)");
}

TEST_CASE("an edit tells its lines, and files are below the folder that was worked in") {
  Conversation told{{.pairs = true}};
  told.add("tool_called", R"({"id":"a","name":"Edit","input":{"file_path":"/src/me/cmd/root.go",)"
                          R"("old_string":"a\nb\nc","new_string":"a\nx\ny\nc"}})");
  told.result("a", R"("content":"done")");
  CHECK(told.text() == R"(#1  12:00:01  Edit        cmd/root.go                     41.0 s  +2 −1
)");
}

TEST_CASE("what was rejected, interrupted or timed out is said") {
  Conversation told{{.pairs = true}};
  told.call("a", "x").result(
      "a", R"("is_error":true,"content":"The user doesn't want to proceed: the user said:\nno")");
  told.call("b", "y").result("b", R"("content":"","toolUseResult":{"interrupted":true})");
  told.call("c", "z").result("c", R"("is_error":true,"content":"Command timed out after 2m"))");
  told.call("d", "w").result("d", R"("is_error":true,"content":"File is gone")");
  const std::string text = told.text();
  CAPTURE(text);
  CHECK(text.contains("41.0 s  rejected: no\n"));
  CHECK(text.contains("41.0 s  interrupted\n"));
  CHECK(text.contains("41.0 s  timed out\n"));
  CHECK(text.contains("41.0 s  failed\n"));
}

TEST_CASE("a new day is a line of its own, in the clock's zone") {
  const Clock berlin{.offset_s = [](std::int64_t) { return 3600; }, .zone = "Europe/Berlin"};
  StringSink sink;
  Timeline timeline{sink, {.screen = {.columns = 60, .clock = berlin}, .box = false}};
  timeline.begin(session, {}, session.created_at);
  timeline.event(numbered(1, 0, event_of("user_message", R"("a")")));
  timeline.event(numbered(2, 11 * 3600 * 1000, event_of("user_message", R"("b")")));
  CHECK(sink.text == R"(flight-search · 3f6c0f5e       Sat 7 Mar 2026, Europe/Berlin
#1  13:00:00  user_message   "a"
    Sun 8 Mar 2026
#2  00:00:00  user_message   "b"
)");
}

TEST_CASE("times are told as they are asked for, right-aligned") {
  const auto told = [](TimeStyle style) {
    StringSink sink;
    Timeline timeline{sink, {.box = false, .time = style}};
    timeline.event(numbered(1, 0, event_of("custom", R"({"a":1})")));
    timeline.event(numbered(2, 3'723'250, event_of("custom", R"({"b":1})")));
    timeline.event(numbered(3, 3'723'000, event_of("custom", R"({"c":1})")));
    return sink.text;
  };
  CHECK(told(TimeStyle::elapsed) == R"(#1  00:00.000  custom         a=1
#2  1:02:03.250  custom         b=1
#3  1:02:03.000  custom         c=1
)");
  CHECK(told(TimeStyle::delta) == R"(#1         +0  custom         a=1
#2   +1 h 2 m  custom         b=1
#3    -250 ms  custom         c=1
)");
  CHECK(told(TimeStyle::iso) == R"(#1  2026-03-07T12:00:00.000Z  custom         a=1
#2  2026-03-07T13:02:03.250Z  custom         b=1
#3  2026-03-07T13:02:03.000Z  custom         c=1
)");
}

TEST_CASE("parts of a timeline join on the day where the one before ended") {
  StringSink sink;
  Timeline whole{sink, {.box = false}};
  whole.begin("all", session.created_at);
  StringSink of_part;
  Timeline part{of_part, {.box = false}};
  part.go_on_with(whole.layout());
  const EventView next_day = numbered(2, 12 * 3600 * 1000, event_of("custom", R"("b")"));
  part.event(next_day);
  CHECK_FALSE(of_part.text.contains("Sun 8 Mar"));
  whole.lines_follow(next_day.timestamp, next_day.timestamp);
  CHECK(sink.text.ends_with("    Sun 8 Mar 2026\n"));
}

TEST_CASE("what was looked for is shown with what is around it, marked") {
  TimelineOptions options{.screen = {.columns = 60}, .box = false};
  options.marks = true;
  options.excerpt = [](const EventView&) {
    const std::string text = std::string(200, 'a') + " \n the word " + std::string(200, 'b');
    return std::optional{Excerpt{text, 207, 211, {}}};
  };
  StringSink sink;
  Timeline timeline{sink, options};
  timeline.event(numbered(1, 0, event_of("custom", "{}")));
  CHECK(sink.text == "#1  12:00:00  custom         …aa the «word» bbbbbbbbbbbbbbb…\n");
}

TEST_CASE("every match that is shown is marked, and nothing that is not") {
  const Excerpt found{
      "a word\nand a word, then a word that is far away", 2, 6, {{13, 17}, {26, 30}}};
  const auto shown_in = [&](std::size_t columns, Mark mark) {
    Line line;
    add_excerpt(line, found, columns, mark);
    return std::string{line.text()};
  };
  CHECK(shown_in(40, Mark::quotes) == "a «word» and a «word», then a «word» th…");
  CHECK(shown_in(14, Mark::colour) == "a \x1b[1;31mword\x1b[0m and a …");
  for (std::size_t columns = 1; columns < 60; ++columns) {
    CAPTURE(columns);
    CHECK(display_width(shown_in(columns, Mark::quotes)) <= columns);
    CHECK(display_width(shown_in(columns, Mark::none)) <= columns);
  }
}

TEST_CASE("lines fit screens of any width, and end in nothing that was cut in two") {
  const std::string title(2000, '\x1b');
  for (std::size_t columns = 12; columns < 130; ++columns) {
    CAPTURE(columns);
    StringSink sink;
    TimelineOptions options{.screen = {.columns = columns, .color = columns % 2 == 1}};
    options.talk = TalkNames{};
    options.box = false;
    options.pairs = true;
    options.fold = true;
    Timeline timeline{sink, options};
    timeline.begin(session, title, session.created_at);
    timeline.event(numbered(
        1, 0,
        event_of("user_message",
                 R"({"content":"👨‍👩‍👧 \u202e日本語 日本語 日本語"})")));
    timeline.event(numbered(
        2, 0,
        event_of("tool_called",
                 R"({"id":"a","name":"日本語","input":{"command":"日本語日本語日本語日本語"}})")));
    timeline.event(numbered(
        3, 0,
        event_of("tool_result",
                 R"({"tool_use_id":"a","is_error":true,"content":"日本語日本語日本語"})")));
    timeline.event(
        numbered(4, 0,
                 event_of("llm_response",
                          R"({"content":[{"type":"thinking","thinking":"日本語日本語"}]})")));
    timeline.event(numbered(5, 0,
                            event_of("llm_response", R"({"content":[],"usage":{}})",
                                     R"({"tokens_out":1234567,"cost_usd":12.5})")));
    timeline.finish();
    for (std::size_t at = 0; at < sink.text.size();) {
      const std::size_t end = sink.text.find('\n', at);
      std::string line = sink.text.substr(at, end - at);
      for (std::size_t escape; (escape = line.find('\x1b')) != line.npos;)
        line.erase(escape, line.find('m', escape) + 1 - escape);
      CHECK(display_width(line) <= columns);
      at = end + 1;
    }
  }
}

TEST_SUITE_END();
