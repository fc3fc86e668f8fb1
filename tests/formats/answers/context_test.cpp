#include "formats/answers/context.hpp"

#include <doctest/doctest.h>

#include <deque>

#include "formats/event.hpp"

namespace agentstore::formats {
namespace {

class Log {
 public:
  Log& add(std::string type, std::string payload, std::string metadata = "{}") {
    const auto& texts =
        texts_.emplace_back(std::array{std::move(type), std::move(payload), std::move(metadata)});
    EventView event = event_of(texts[0], texts[1], texts[2]);
    event.sequence_number = events_.size() + 1;
    events_.push_back(event);
    return *this;
  }
  ContextBuilder at(std::uint64_t number) const {
    ContextBuilder context{number};
    for (const EventView& event : events_)
      if (!context.take(event)) break;
    return context;
  }

 private:
  std::deque<std::array<std::string, 3>> texts_;
  std::vector<EventView> events_;
};

Log session() {
  Log log;
  log.add("user_message", R"({"content":"do it"})")
      .add("llm_response", R"({"content":"yes"})",
           R"({"tokens_in":100,"tokens_out":5,"extra":{"response":"a/1","message_id":"a"}})")
      .add("tool_called", R"({"tool":"sh","args":{"command":"ls"},"id":"x"})",
           R"({"extra":{"message_id":"a"}})")
      .add("tool_result", R"({"id":"x","output":"files"})")
      .add("llm_response", R"({"content":"done"})",
           R"({"tokens_in":135,"tokens_out":7,"extra":{"response":"b"}})");
  return log;
}

}  // namespace

TEST_SUITE("context") {
  TEST_CASE("what a response had seen is what came before it, in the prompt that it tells") {
    const auto context = session().at(5);
    REQUIRE(context.messages().size() == 4);
    CHECK(context.tokens() == 135);
    CHECK(context.told_by() == 5);
    CHECK_FALSE(context.messages()[0].tokens);
    CHECK(context.messages()[1].tokens == 5);
    CHECK(context.messages()[2].part_of == 2);
    CHECK(context.messages()[3].tokens == 30);
    CHECK(context.messages()[3].derived);
  }

  TEST_CASE("at a call it is what its response had seen; at a result the next response tells") {
    const auto call = session().at(3);
    CHECK(call.messages().size() == 1);
    CHECK(call.tokens() == 100);
    const auto result = session().at(4);
    CHECK(result.messages().size() == 4);
    CHECK(result.tokens() == 135);
  }

  TEST_CASE("a compaction begins it anew") {
    Log log = session();
    log.add("state_updated", "{}", R"({"extra":{"record_type":"system/compact_boundary"}})")
        .add("custom", R"({"content":"the summary"})",
             R"({"extra":{"record_type":"compact_summary"}})")
        .add("user_message", R"({"content":"go on"})");
    const auto context = log.at(8);
    REQUIRE(context.messages().size() == 2);
    CHECK(context.messages()[0].text == "the summary");
    CHECK(context.since() == 7);
    CHECK_FALSE(context.tokens());
  }

  TEST_CASE("a request that carries the messages says all") {
    Log log = session();
    log.add("llm_request",
            R"({"system":"be good","messages":[{"role":"user","content":"only this"}]})")
        .add("llm_response", R"({"content":"ok"})", R"({"tokens_in":9})");
    const auto context = log.at(7);
    REQUIRE(context.messages().size() == 2);
    CHECK(context.messages()[0].role == "system");
    CHECK(context.messages()[1].text == "only this");
    CHECK(context.tokens() == 9);
  }

  TEST_CASE("the rows and the sum") {
    StringSink sink;
    write_context(sink, session().at(5), {}, false);
    CHECK(
        sink.text.contains("Total: 4 messages | 135 tokens in context (#5 tells): 35 known above, "
                           "100 in others, instructions and tools\n"));
    StringSink json;
    write_context_json(json, session().at(3), "s");
    CHECK(json.text == R"({"schema":"agentstore/context/1","session_id":"s","sequence_number":3,)"
                       R"("since":null,"tokens":100,"told_by":2,"messages":[{"sequence_number":1,)"
                       R"("role":"user","tool_name":null,"text":"do it","tokens":null,)"
                       R"("derived":false,"part_of":null}]})"
                       "\n");
  }
}

}  // namespace agentstore::formats
