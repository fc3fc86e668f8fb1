#include <doctest/doctest.h>

#include "convert.hpp"

namespace agentstore::formats {
namespace {

std::string record(std::string_view type, const std::string& rest, int number = 1) {
  return R"({"type":")" + std::string{type} + R"(","session_id":"run-1","uuid":"u)" +
         std::to_string(number) + R"(",)" + rest + "}\n";
}

std::string init() {
  return record("system", R"("subtype":"init","cwd":"/shop","model":"large","tools":["Bash"],)"
                          R"("claude_code_version":"2.1.200")");
}

std::string says(const std::string& model, const std::string& parent, int number) {
  return record("assistant",
                R"("parent_tool_use_id":)" + parent + R"(,"message":{"id":"m)" +
                    std::to_string(number) + R"(","role":"assistant","model":")" + model +
                    R"(","content":[{"type":"text","text":"so"}],)"
                    R"("usage":{"input_tokens":5,"output_tokens":1}})",
                number);
}

std::string use(const std::string& model, int in, int out, const std::string& cost) {
  return "\"" + model + R"(":{"inputTokens":)" + std::to_string(in) + R"(,"outputTokens":)" +
         std::to_string(out) + R"(,"cacheReadInputTokens":0,"costUSD":)" + cost + "}";
}

std::string result(int in, int out, const std::string& models, const std::string& cost,
                   int number = 9) {
  return record("result",
                R"("subtype":"success","is_error":false,"duration_ms":1500,"num_turns":1,)"
                R"("total_cost_usd":)" +
                    cost + R"(,"usage":{"input_tokens":)" + std::to_string(in) +
                    R"(,"output_tokens":)" + std::to_string(out) + R"(},"modelUsage":{)" + models +
                    "}",
                number);
}

std::string extra_of(const SourceEvent& event, std::string_view key) {
  const auto extra = json::find(event.draft.metadata, "extra").value_or("null");
  return json::find_text(extra, key).value_or("");
}

/// What counts: of what is told of one response, the last.
Totals counted(const Conversion& conversion, std::size_t session) {
  std::map<std::string, const SourceEvent*> last;
  for (const SourceEvent& event : conversion.events)
    if (const std::string id = extra_of(event, "response"); !id.empty()) last[id] = &event;
  Totals sum;
  for (const SourceEvent& event : conversion.events) {
    const std::string id = extra_of(event, "response");
    if (event.session != session || (!id.empty() && last[id] != &event)) continue;
    EventView view;
    view.type = event.draft.type;
    view.timestamp = *event.draft.timestamp;
    view.metadata = event.draft.metadata;
    view.payload = event.draft.payload;
    REQUIRE(sum.add(view));
  }
  return sum;
}

std::string cost_of(const Totals& totals) {
  return totals.cost_usd ? totals.cost_usd->to_string() : "";
}

TEST_SUITE("claude stream") {
  TEST_CASE("the result says what a run used, the messages do not") {
    const Conversion got = convert(init() + says("large", "null", 2) +
                                   result(30, 90, use("large", 30, 90, "0.002"), "0.002"));
    REQUIRE(got.result);
    CHECK(got.format == &claude_stream_source);
    REQUIRE(got.sessions.size() == 1);
    CHECK(got.sessions[0].id == "run-1");
    CHECK(got.sessions[0].labels.at("cwd") == "/shop");
    CHECK(got.sessions[0].labels.at("version") == "2.1.200");
    const Totals totals = counted(got, 0);
    CHECK(totals.tokens_in == 30);
    CHECK(totals.tokens_out == 90);
    CHECK(cost_of(totals) == "0.002");
    CHECK(totals.duration_ms() == 1500);
  }

  TEST_CASE("what a sub-agent used is its own, the cost is stated with the run") {
    const Conversion got = convert(
        init() + says("large", "null", 2) + says("small", "\"call-1\"", 3) +
        result(30, 90, use("large", 30, 90, "0.002") + "," + use("small", 1000, 200, "0.01"),
               "0.012"));
    REQUIRE(got.sessions.size() == 2);
    CHECK(got.sessions[1].id == "agent-call-1.run-1");
    CHECK(got.sessions[1].labels.at("parent_session") == "run-1");
    CHECK(counted(got, 0).tokens_out == 90);
    CHECK(counted(got, 1).tokens_in == 1000);
    CHECK(counted(got, 1).tokens_out == 200);
    CHECK(cost_of(counted(got, 0)) == "0.012");
  }

  TEST_CASE("a model of the main loop's and of a sub-agent's is shared out by the turns' usage") {
    const Conversion got = convert(init() + says("large", "null", 2) + says("large", "\"c\"", 3) +
                                   result(30, 90, use("large", 130, 190, "0.5"), "0.5"));
    CHECK(counted(got, 0).tokens_in == 30);
    CHECK(counted(got, 0).tokens_out == 90);
    CHECK(counted(got, 1).tokens_in == 100);
    CHECK(counted(got, 1).tokens_out == 100);
  }

  TEST_CASE("a side call's model is told apart, and belongs to the session") {
    const Conversion got = convert(
        init() + says("large", "null", 2) +
        result(30, 90, use("large", 30, 90, "0.1") + "," + use("small", 7, 8, "0.01"), "0.11"));
    CHECK(got.sessions.size() == 1);
    CHECK(counted(got, 0).tokens_in == 37);
    CHECK(counted(got, 0).tokens_out == 98);
  }

  TEST_CASE("results of one process go on counting, another process begins anew") {
    const std::string turns =
        init() + says("large", "null", 2) + result(10, 20, use("large", 10, 20, "0.1"), "0.1", 3) +
        says("large", "null", 4) + result(5, 6, use("large", 15, 26, "0.15"), "0.15", 5);
    const Conversion one = convert(turns);
    CHECK(counted(one, 0).tokens_in == 15);
    CHECK(counted(one, 0).tokens_out == 26);
    CHECK(cost_of(counted(one, 0)) == "0.15");
    const Conversion two = convert(turns + says("large", "null", 6) +
                                   result(20, 30, use("large", 20, 30, "0.2"), "0.2", 7));
    CHECK(counted(two, 0).tokens_in == 35);
    CHECK(counted(two, 0).tokens_out == 56);
    CHECK(cost_of(counted(two, 0)) == "0.35");
  }

  TEST_CASE("a cost is the run's total, however its parts were rounded") {
    const Conversion got = convert(
        init() + says("large", "null", 2) +
        result(1, 1, use("large", 1, 1, "0.10086025") + "," + use("small", 1, 1, "0.00495499999"),
               "0.10581525"));
    CHECK(cost_of(counted(got, 0)) == "0.10581525");
  }

  TEST_CASE("a turn says that it has begun, and that it has ended") {
    const Conversion cut = convert(init() + says("large", "null", 2));
    CHECK(extra_of(cut.events[0], "run") == "begun");
    CHECK(extra_of(cut.events[1], "run").empty());
    const Conversion whole =
        convert(init() + says("large", "null", 2) + result(1, 1, use("large", 1, 1, "0.1"), "0.1"));
    CHECK(extra_of(whole.events[2], "run") == "ended");
  }

  TEST_CASE("the stream of older versions tells the main loop's turns alone") {
    const std::string old_result =
        record("result", R"("subtype":"success","is_error":false,"num_turns":1,)"
                         R"("total_cost_usd":0.5,"usage":{"input_tokens":7,"output_tokens":8})");
    const Conversion got = convert(init() + says("large", "null", 2) + old_result);
    CHECK(counted(got, 0).tokens_in == 7);
    CHECK(cost_of(counted(got, 0)) == "0.5");
  }

  TEST_CASE("a hook's words are no prompt, a replayed prompt is one, a retry is an error") {
    const std::string words =
        R"("parent_tool_use_id":null,"message":{"role":"user","content":[{"type":"text","text":"do"}]})";
    const Conversion got = convert(
        init() + record("user", R"("isSynthetic":true,)" + words, 2) +
        record("user", R"("isReplay":true,"timestamp":"2026-08-02T04:36:38Z",)" + words, 3) +
        record("system", R"("subtype":"api_retry","attempt":1)", 4) +
        record("stream_event", R"("event":{})", 5));
    CHECK(got.of_type("user_message") == 1);
    CHECK(got.of_type("error") == 1);
    CHECK(got.tally.left_out.at("stream_event") == 1);
    CHECK(got.sessions[0].title == "do");
    CHECK(got.events[0].draft.timestamp == *parse_rfc3339("2026-08-02T04:36:38Z"));
  }

  TEST_CASE("a run that failed is an error") {
    const Conversion got = convert(
        init() + record("result", R"("subtype":"error_max_turns","is_error":false,"num_turns":3,)"
                                  R"("total_cost_usd":0,"usage":{},"modelUsage":{})"));
    CHECK(got.of_type("error") == 1);
  }

  TEST_CASE("a figure that is no count is named") {
    const Conversion got =
        convert(init() + record("result", R"("subtype":"success","num_turns":1,"modelUsage":)"
                                          R"({"large":{"inputTokens":"9","outputTokens":1}})"));
    CHECK(extra_of(got.events.back(), "unread") ==
          R"(usage: inputTokens is "9", which is not a count)");
  }
}

}  // namespace
}  // namespace agentstore::formats
