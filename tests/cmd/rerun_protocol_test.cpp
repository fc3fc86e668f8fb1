#include "cmd/rerun/protocol.hpp"

#include <doctest/doctest.h>

#include "agentstore/json.hpp"

namespace agentstore::cmd {
namespace {

Turn recorded() {
  Turn turn;
  turn.number = 2;
  turn.input = "where \"is\" it?\n";
  turn.calls = {
      {.tool = "get", .arguments = R"({"n":1})", .result_number = 7, .result = R"({"x":1})"}};
  return turn;
}

/// What taking a line said: what is to be read next, or why the turn is over.
std::string said(TurnExchange& exchange, std::string_view line) {
  const auto reply = exchange.take(line, Timestamp{});
  return reply ? *reply : "! " + reply.error().message;
}

std::string called(const char* args, const char* more = "") {
  return R"({"type":"tool_called","payload":{"tool":"get","args":)" + std::string{args} + "}" +
         more + "}";
}

}  // namespace

TEST_SUITE("rerun protocol") {
  TEST_CASE("a question is a line of JSON") {
    const Turn turn = recorded();
    const Rerun rerun{.session_id = "s", .candidate = "c", .command = "c"};
    CHECK(question_of(turn, rerun, {}) ==
          R"({"turn":2,"prompt":null,"input":"where \"is\" it?\n","history":[],"tools":"recorded"})"
          "\n");
    Rerun other = rerun;
    other.prompt = "be\nkind";
    other.live_tools = true;
    CHECK(
        question_of(turn, other, {{"user", "a"}, {"assistant", "b"}}) ==
        R"({"turn":2,"prompt":"be\nkind","input":"where \"is\" it?\n",)"
        R"("history":[{"role":"user","text":"a"},{"role":"assistant","text":"b"}],"tools":"live"})"
        "\n");
  }

  TEST_CASE("a call is answered by what was recorded, once") {
    const Turn turn = recorded();
    TurnExchange exchange{turn, {.source_id = "s", .rerun_id = "r"}};
    CHECK(said(exchange, called(R"({"n":2})")) ==
          "{\"tool_result\":{\"x\":1},\"approximate\":true}\n");
    CHECK(said(exchange, called(R"({"n":1})")) == "{\"unmatched\":true}\n");
    CHECK(said(exchange, R"({"turn_end":true,"turn":2})").empty());
    CHECK(exchange.has_ended());
    REQUIRE(exchange.drafts().size() == 4);
    const Draft& result = exchange.drafts()[1];
    CHECK(result.type == "tool_result");
    CHECK(result.payload == R"({"x":1})");
    CHECK_FALSE(json::check(result.metadata, json::rules_to_store));
    CHECK(json::find_text(result.metadata, "causation_id") == exchange.drafts()[0].event_id);
    CHECK(json::find(result.metadata, "approximate") == "true");
    CHECK(json::find(*json::find(result.metadata, "forked_from"), "sequence_number") == "7");
    CHECK(json::find(exchange.drafts()[3].metadata, "unmatched") == "true");
  }

  TEST_CASE("live tools are nobody's business but the candidate's") {
    const Turn turn = recorded();
    TurnExchange exchange{turn, {.source_id = "s", .rerun_id = "r", .live_tools = true}};
    CHECK(said(exchange, called(R"({"n":1})")).empty());
    CHECK(said(exchange, R"({"type":"tool_result","payload":{"result":3}})").empty());
    CHECK(exchange.drafts().size() == 2);
  }

  TEST_CASE("event ids are new in the whole rerun, those of ours too") {
    const Turn turn = recorded();
    TurnExchange exchange{
        turn, {.source_id = "s", .rerun_id = "r", .known_ids = {"old", "r-turn-2-call-0"}}};
    CHECK(said(exchange, called("{}", R"(,"event_id":"old")")) ==
          R"(! line 1 of the answer: the event id "old" is not new)");
    CHECK(said(exchange, called("{}")).starts_with("{\"tool_result\""));
    CHECK(exchange.drafts()[0].event_id == "r-turn-2-call-1");
    CHECK(said(exchange, called("{}", R"(,"event_id":"mine")")).starts_with("{\"unmatched\""));
    CHECK(exchange.drafts()[2].event_id == "mine");
  }

  TEST_CASE("what is no part of the turn ends it, named by its line") {
    const Turn turn = recorded();
    for (const auto& [line, why] : std::initializer_list<std::pair<const char*, const char*>>{
             {"hello", "not JSON"},
             {"{\"type\":\"x\"} {}", "not JSON"},
             {"[]", "a draft is a JSON object"},
             {"{}", "has no type"},
             {R"({"type":"x","seq":1})", "unknown key"},
             {R"({"turn_end":false})", "turn_end is not true"},
             {R"({"turn_end":true,"turn":3})", "it ends turn 3, and was asked turn 2"},
             {R"({"type":"user_message"})", "messages are the recorded ones"},
             {R"({"type":"message_received"})", "messages are the recorded ones"},
             {R"({"type":"tool_result"})", "tools are recorded"},
             {R"({"type":"agentstore.redacted"})", "the store's own"}}) {
      CAPTURE(line);
      TurnExchange exchange{turn, {.source_id = "s", .rerun_id = "r"}};
      CHECK(said(exchange, " ").empty());
      const std::string answer = said(exchange, line);
      CHECK(answer.starts_with("! line 2 of the answer: "));
      CHECK(answer.find(why) != std::string::npos);
      CHECK(exchange.drafts().empty());
      CHECK_FALSE(exchange.has_ended());
    }
  }
}

}  // namespace agentstore::cmd
