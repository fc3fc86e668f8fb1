#include "formats/events/chat.hpp"

#include <doctest/doctest.h>

#include "formats/event.hpp"

namespace agentstore::formats {
namespace {

std::string chat_of(std::initializer_list<EventView> events, std::size_t columns = 0) {
  CallPairs pairs;
  for (const EventView& event : events) pairs.take(event);
  StringSink sink;
  Chat chat{sink, {.columns = columns}};
  for (const EventView& event : events)
    if (auto item = chat_item(event, pairs, "claude")) chat.add(std::move(*item));
  return sink.text;
}

EventView numbered(std::uint64_t number, EventView event) {
  event.sequence_number = number;
  return event;
}

}  // namespace

TEST_SUITE("chat") {
  TEST_CASE("who speaks is said where it changes, calls are a line each") {
    const std::string text =
        chat_of({numbered(1, event_of("user_message", R"({"content":"do it"})")),
                 numbered(2, event_of("llm_response", R"({"content":"I will"})")),
                 numbered(3, event_of("tool_called",
                                      R"({"tool":"sh","args":{"command":"a\nb"},"id":"x"})")),
                 numbered(4, event_of("tool_result", R"({"id":"x","exit_code":1,"output":"no"})")),
                 numbered(5, event_of("custom", R"({"a":1})")),
                 numbered(6, event_of("error", R"({"message":"gone"})"))});
    CHECK(text == R"(Thu 1 Jan 1970, UTC

user  00:00:00  #1
  do it

claude  00:00:00  #2
  I will

  · sh  a …  0 ms  failed: exit 1

  ! error  #6  gone
)");
  }

  TEST_CASE("each prompt says when it was") {
    const std::string text =
        chat_of({numbered(1, event_of("user_message", R"({"content":"do it"})")),
                 numbered(9, event_of("user_message", R"({"content":"now"})"))});
    CHECK(text.ends_with("user  00:00:00  #1\n  do it\n\nuser  00:00:00  #9\n  now\n"));
  }

  TEST_CASE("who speaks fits a screen of twenty columns") {
    const std::string text = chat_of(
        {numbered(123, event_of("user_message", R"({"role":"somebody","content":"x"})"))}, 20);
    CHECK(text == "Thu 1 Jan 1970, UTC\n\nsomebody  #123\n  x\n");
  }

  TEST_CASE("on a narrow screen the call gives way, not how it ended") {
    const std::string text = chat_of(
        {numbered(1,
                  event_of("tool_called",
                           R"({"tool":"sh","args":{"command":"a long command line"},"id":"x"})")),
         numbered(2, event_of("tool_result", R"({"id":"x","exit_code":1})"))},
        40);
    CHECK(text.contains("  · sh  a long co…  0 ms  failed: exit 1\n"));
  }

  TEST_CASE("an agent's name") {
    CHECK(agent_of(Labels{{"agent_type", "claude-code"}}) == "claude");
    CHECK(agent_of(Labels{{"agent_type", "codex"}}) == "codex");
    CHECK(agent_of(Labels{}) == "");
  }
}

}  // namespace agentstore::formats
