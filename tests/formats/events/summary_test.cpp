#include "formats/events/summary.hpp"

#include <doctest/doctest.h>

#include "formats/event.hpp"
#include "formats/text/escape.hpp"

using namespace agentstore;
using namespace agentstore::formats;

namespace {

std::string of(std::string_view type, std::string_view payload, std::string_view metadata = "{}",
               std::size_t columns = 90) {
  return summary(event_of(type, payload, metadata), columns);
}

}  // namespace

TEST_SUITE_BEGIN("summary");

TEST_CASE("a message shows its words, whatever holds them") {
  const std::string words = R"("Find → MUC")";
  CHECK(of("user_message", R"({"content":"Find → MUC","role":"user"})") == words);
  CHECK(of("user_message", R"({"text":"Find \u2192 MUC"})") == words);
  CHECK(of("user_message", R"({"message":"Find → MUC"})") == words);
  CHECK(of("user_message", R"("Find → MUC")") == words);
  CHECK(of("user_message",
           R"({"content":[{"type":"text","text":"Find →"},{"type":"text","text":"MUC"}]})") ==
        words);
  CHECK(of("user_message", R"({"message":{"role":"user","content":["Find →","MUC"]}})") == words);
  CHECK(of("message_received", R"({"role":"assistant","content":"hi"})") == R"(assistant:  "hi")");
  CHECK(of("user_message", R"({"n":1})") == "n=1");
}

TEST_CASE("a plan shows its steps") {
  CHECK(of("plan_created", R"({"steps":["search","filter"]})") == "2 steps: search, filter");
  CHECK(of("plan_created", R"({"plan":{"steps":[{"tool":"x","id":1}]}})") == "1 step: x");
  CHECK(of("plan_created", R"({"plan":"first this"})") == R"("first this")");
  CHECK(of("plan_created", R"({"steps":[]})") == "0 steps");
  CHECK(of("plan_created", R"({"steps":["aaaaaaaaaa","bbbbbbbbbb"]})", "{}", 20) ==
        "2 steps: aaaaaaaaaa…");
}

TEST_CASE("a tool call shows the tool and its arguments") {
  CHECK(of("tool_called", R"({"tool":"search","args":{"from":"BER","n":2,"q":"a b"}})") ==
        R"(search  from=BER n=2 q="a b")");
  CHECK(of("tool_called", R"({"name":"search","arguments":"{\"from\":\"BER\"}"})") ==
        "search  from=BER");
  CHECK(of("tool_called", R"({"input":[1,2]})", R"({"tool_name":"sum"})") == "sum  [1,2]");
  CHECK(of("tool_called", R"({"function":{"name":"f"},"arguments":"not json"})") ==
        R"(f  "not json")");
  CHECK(of("tool_called", R"({"i":6})") == "i=6");
  CHECK(of("tool_called", R"({"tool":"search","query":"a b","n":2,"call_id":"c"})") ==
        R"(search  query="a b" n=2)");
  CHECK(of("tool_called", R"({"tool_name":"f","id":"c"})") == "f");
  CHECK(of("tool_called", R"({"name":"f","x":1})") == "f");
}

TEST_CASE("a tool result shows how long it took, and what came of it") {
  const std::string_view metadata = R"({"tool_name":"search","duration_ms":1200})";
  CHECK(of("tool_result", R"({"error":null,"result":[{"id":1},{"id":2}]})", metadata) ==
        "search  1.2 s  2 results");
  CHECK(of("tool_result", R"({"result":{"results":[1]}})", metadata) == "search  1.2 s  1 result");
  CHECK(of("tool_result", R"({"content":[{"type":"text","text":"it rains"}]})", metadata) ==
        R"(search  1.2 s  "it rains")");
  CHECK(of("tool_result", R"({"result":42})") == "42");
}

TEST_CASE("a tool that failed says so, and why") {
  CHECK(of("tool_result", R"({"tool":"t","error":"timed out"})") == "t  failed: timed out");
  CHECK(of("tool_result", R"({"error":{"code":503,"message":"down"}})") == "failed: 503 down");
  CHECK(of("tool_result", R"({"is_error":true,"content":"no such file"})") ==
        R"(failed: "no such file")");
}

TEST_CASE("a model's turn shows its name, tokens, cost and words") {
  CHECK(of("llm_request", "{}", R"({"model":"claude-sonnet-4-6","tokens_in":850})") ==
        "claude-sonnet-4-6  850 tokens in");
  CHECK(of("llm_response", R"({"content":"Take EW456"})",
           R"({"model":"m","tokens_out":320,"cost_usd":0.018})") ==
        R"(m  320 out  $0.018  "Take EW456")");
  CHECK(of("llm_response", "{}",
           R"({"tokens_in":1,"tokens_out":2,"cost_usd":0.30000000000000004})") ==
        "1 in  2 out  $0.30000000000000004");
  CHECK(of("llm_response", "{}", R"({"cost_usd":1e-05})") == "$0.00001");
  CHECK(of("llm_request", R"({"model":"m","messages":[{"content":"old"},{"content":"new"}]})") ==
        R"(m  "new")");
}

TEST_CASE("a payment shows amount and asset in the log's digits") {
  CHECK(
      of("BetPlaced", R"({"amount":340.550,"asset":"PFLEA","bet_id":"b-1","game":"blackjack"})") ==
      "340.550 PFLEA  blackjack b-1");
  CHECK(of("FeeCharged", R"({"fee":2.5,"amount":9})") == "2.5");
  CHECK(of("FundsDeposited", R"({"amount":"1000","fee":1})") == "1000  fee 1");
  CHECK(of("AgentRegistered", R"({"owner":"0x1"})") == "owner=0x1");
}

TEST_CASE("state changes show keys, errors their message, the rest the payload") {
  CHECK(of("state_updated", R"({"status":"x","selected_item":1})") == "status, selected_item");
  CHECK(of("error", R"({"code":429,"message":"rate limited\u001b[31m"})") ==
        "429 rate limited\\u{1b}[31m");
  CHECK(of("error", R"({"error":{"type":"overloaded","message":"try later"}})") ==
        "overloaded try later");
  CHECK(of("error", R"("boom")") == "boom");
  CHECK(of("custom", R"({"k":[1,2,3]})", "{}", 8) == "k=[1,2,…");
}

TEST_CASE("an event of the store's own says what was done, and why") {
  CHECK(of("agentstore.redacted", R"({"sequence_number":4,"reason":"gdpr"})") == R"(#4  "gdpr")");
  CHECK(of("agentstore.log_repaired", R"({"bytes":12,"reason":"torn"})") == R"(12 bytes  "torn")");
  CHECK(of("agentstore.redacted", R"({"reason":"abc\u2028def"})", "{}", 10) == R"("abc…")");
}

TEST_CASE("a redacted event says by which") {
  EventView event = event_of("user_message", "null");
  event.redacted_by = 9;
  CHECK(summary(event, 80) == "(redacted by #9)");
}

TEST_CASE("any shape in any event fits the line") {
  const std::string_view payloads[] = {
      "null",
      "true",
      "1",
      "\"\"",
      "[]",
      "{}",
      "[[[]]]",
      R"({"content":null})",
      R"({"content":{}})",
      R"({"steps":[null,{},[]],"error":[],"result":{},"amount":{},"messages":[]})",
      R"({"tool":1,"args":null,"plan":1,"message":{"message":{"message":"x"}}})",
      R"({"tool":{"name":{}},"args":"{","usage":3,"cost_usd":"x","code":[]})"};
  for (const std::string_view type :
       {"user_message", "plan_created", "tool_called", "tool_result", "llm_request", "llm_response",
        "state_updated", "error", "custom", "BetPlaced", "FeeCharged"}) {
    for (const std::string_view payload : payloads) {
      for (const std::size_t columns : {0, 1, 2, 5, 20, 200}) {
        CAPTURE(type);
        CAPTURE(payload);
        CAPTURE(columns);
        CHECK(display_width(of(type, payload, payload, columns)) <= columns);
      }
    }
  }
}

TEST_CASE("a payload of 60 MB is shown as a short one is") {
  const std::string payload = R"({"content":")" + std::string(std::size_t{60} << 20, 'a') + "\"}";
  CHECK(of("user_message", payload, "{}", 20) == '"' + std::string(17, 'a') + "…\"");
}

TEST_CASE("a long text is read as far as it tells how the line looks") {
  const std::string word(200, 'a');
  CHECK(of("tool_result", R"({"result":")" + word + R"("})", "{}", 20) ==
        std::string(19, 'a') + "…");
  CHECK(of("tool_result", R"({"result":")" + word + R"( b"})", "{}", 20) ==
        '"' + std::string(17, 'a') + "…\"");
  const std::string command = "12345678##" + std::string(30, 'v') + "[" + word;
  CHECK(of("error", R"({"message":")" + command + "\"}", "{}", 18) == R"(12345678#\u{23}vv…)");
}

TEST_CASE("an escape at the end of what is read does no harm") {
  for (std::size_t ahead = 0; ahead < 14; ++ahead) {
    CAPTURE(ahead);
    std::string payload = R"({"content":")" + std::string(ahead, 'a');
    for (int times = 0; times < 1000; ++times) payload += R"(\ud83d\ude00)";
    const std::string text = of("user_message", payload + "\"}", "{}", 30);
    CHECK(text.ends_with("😀…\""));
    CHECK(display_width(text) <= 30);
  }
}

TEST_SUITE_END();
