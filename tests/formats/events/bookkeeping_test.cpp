#include "formats/events/bookkeeping.hpp"

#include <doctest/doctest.h>

#include "formats/event.hpp"

using namespace agentstore;
using namespace agentstore::formats;

TEST_SUITE_BEGIN("bookkeeping");

namespace {

std::optional<Bookkeeping> kind(std::string_view type, std::string_view payload,
                                std::string_view record = {}) {
  const std::string metadata =
      record.empty() ? "{}" : R"({"extra":{"record_type":")" + std::string{record} + R"("}})";
  return bookkeeping_of(event_of(type, payload, metadata));
}

}  // namespace

TEST_CASE("hooks, progress, notes and custom events without a text are bookkeeping") {
  CHECK(kind("custom", R"({"a":1})", "progress/hook_progress") == Bookkeeping::hook);
  CHECK(kind("custom", R"({"hookCount":1})", "system/stop_hook_summary") == Bookkeeping::hook);
  CHECK(kind("custom", R"({"message":{"content":"x"}})", "progress/agent_progress") ==
        Bookkeeping::progress);
  CHECK(kind("custom", R"({"operation":"enqueue"})", "queue-operation") == Bookkeeping::note);
  CHECK(kind("state_updated", R"({"durationMs":1})", "system/turn_duration") == Bookkeeping::note);
  CHECK(kind("custom", R"({"n":1})") == Bookkeeping::custom);
  CHECK(kind("llm_response", R"({"content":[{"type":"text","text":"\n\n"}]})") ==
        Bookkeeping::response);
}

TEST_CASE("what people read is not") {
  CHECK_FALSE(kind("custom", R"({"text":"hello"})"));
  CHECK_FALSE(kind("custom", R"({"summary":"hello"})", "summary"));
  CHECK_FALSE(kind("state_updated", R"({"status":1})"));
  CHECK_FALSE(kind("state_updated", R"({"content":"compacted"})", "system/compact_boundary"));
  CHECK_FALSE(kind("market_tick", R"({"n":1})"));
  CHECK_FALSE(kind("agentstore.redacted", R"({"n":1})"));
  CHECK_FALSE(kind("error", "{}"));
  CHECK_FALSE(kind("tool_called", "{}"));
  CHECK_FALSE(kind("llm_response", R"({"content":[{"type":"thinking","thinking":"hm"}]})"));
}

TEST_CASE("folded events are counted by what they are") {
  FoldedEvents folded;
  CHECK_FALSE(folded.any());
  folded.add(Bookkeeping::hook);
  CHECK(folded.text() == "1 hook event");
  folded.add(Bookkeeping::progress);
  CHECK(folded.text() == "2 hook and progress events");
  folded.add(Bookkeeping::custom);
  CHECK(folded.text() == "3 hook, progress and custom events");
  folded.add(Bookkeeping::response);
  CHECK(folded.text() == "3 hook, progress and custom events, 1 response without text");
  folded.clear();
  CHECK_FALSE(folded.any());
}

TEST_SUITE_END();
