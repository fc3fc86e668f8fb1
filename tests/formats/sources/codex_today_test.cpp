// Codex from 0.145 on: token_usage_record, the paginated history, code mode, copied history.

#include <doctest/doctest.h>

#include "convert.hpp"

namespace agentstore::formats {
namespace {

std::string line(std::string_view group, std::string_view payload, std::string_view at) {
  return R"({"timestamp":"2026-10-01T)" + std::string{at} + R"(Z","type":")" + std::string{group} +
         R"(","payload":)" + std::string{payload} + "}\n";
}

std::string message(std::string_view payload, std::string_view at) {
  return line("event_msg", payload, at);
}

std::string done(std::string_view item, std::string_view at = "08:00:02") {
  return message(R"({"type":"item_completed","turn_id":"t","item":)" + std::string{item} + "}", at);
}

std::string usage_json(int in, int out) {
  return R"({"input_tokens":)" + std::to_string(in) + R"(,"output_tokens":)" + std::to_string(out) +
         "}";
}

std::string total(int in, int out, std::string_view at) {
  return message(R"({"type":"token_count","info":{"total_token_usage":)" + usage_json(in, out) +
                     R"(,"last_token_usage":)" + usage_json(in, out) + "}}",
                 at);
}

std::string used(std::string_view response, int in, int out, std::string_view at,
                 std::string_view more = "") {
  return line("token_usage_record",
              R"({"response_id":")" + std::string{response} + R"(","usage":)" +
                  usage_json(in, out) + std::string{more} + "}",
              at);
}

std::string meta(std::string_view more = "", std::string_view id = "kid",
                 std::string_view at = "08:00:00") {
  return line(
      "session_meta",
      R"({"id":")" + std::string{id} + R"(","cli_version":"0.160.0")" + std::string{more} + "}",
      at);
}

std::string turn(std::string_view at, std::string_view id = "t") {
  return message(R"({"type":"task_started","turn_id":")" + std::string{id} + R"("})", at);
}

std::string said(std::string_view words, std::string_view at) {
  return message(R"({"type":"user_message","message":")" + std::string{words} + R"("})", at);
}

const std::string context = line("turn_context", R"({"model":"gpt-5.4"})", "08:00:01");

Totals totals_of(const std::string& text) {
  return convert(text).totals();
}

TEST_SUITE("codex of today") {
  TEST_CASE("a response is told by its record, once, and token_count tells no more") {
    const Totals totals = totals_of(
        meta() + context + used("r1", 10, 1, "08:00:05") + total(10, 1, "08:00:05") +
        used("r2", 20, 2, "08:00:09") +
        line("compacted",
             R"({"message":"","latest_token_usage_record":{"response_id":"r2","usage":)" +
                 usage_json(20, 2) + "}}",
             "08:00:09") +
        total(10, 1, "08:00:09") + used("r2", 20, 2, "08:00:10") + used("r3", 5, 5, "08:00:12"));
    CHECK(totals.tokens_in == 35);
    CHECK(totals.tokens_out == 8);
    CHECK(totals.cost_unknown_responses() == 0);
  }

  TEST_CASE("the response that compacted may stand in the compaction alone") {
    const Totals totals =
        totals_of(meta() + context + used("r1", 10, 1, "08:00:05") +
                  line("compacted",
                       R"({"latest_token_usage_record":{"response_id":"rc","usage":)" +
                           usage_json(7, 3) + "}}",
                       "08:00:09"));
    CHECK(totals.tokens_in == 17);
    CHECK(totals.tokens_out == 4);
  }

  TEST_CASE("before the first record of a response, differences of the totals count") {
    const Totals totals =
        totals_of(meta() + context + total(100, 10, "08:00:02") + total(250, 25, "08:00:03") +
                  used("r", 50, 5, "08:01:00") + total(300, 30, "08:01:00"));
    CHECK(totals.tokens_in == 300);
    CHECK(totals.tokens_out == 30);
    // The first record may tell of a response that a total told of already.
    const Totals once = totals_of(
        meta() + context + total(100, 10, "08:00:02") +
        used("r", 100, 10, "08:00:02", R"(,"thread_token_usage":)" + usage_json(100, 10)));
    CHECK(once.tokens_in == 100);
  }

  TEST_CASE("what was used before the first turn has the model of that turn") {
    const Conversion got = convert(meta() + total(100, 10, "08:00:00") + said("go", "08:00:00") +
                                   context + total(150, 15, "08:00:03"));
    for (const SourceEvent& event : got.events)
      if (event.draft.type == "llm_response")
        CHECK(json::find_text(event.draft.metadata, "model") == "gpt-5.4");
    CHECK(got.totals().tokens_in == 150);
    CHECK(got.of_type("user_message") == 1);
    // Where none follows, it is not known.
    CHECK(totals_of(meta() + total(100, 10, "08:00:00")).events_without_cost == 1);
  }

  TEST_CASE("writes to the cache are a part of the input, and a sum is no long prompt") {
    const Conversion got = convert(
        meta() + context +
        message(
            R"({"type":"token_count","info":{"total_token_usage":{"input_tokens":500000,"cached_input_tokens":100,"cache_write_input_tokens":200,"output_tokens":1},"model_context_window":272000}})",
            "08:00:05"));
    CHECK(got.totals().tokens_cache_write == 200);
    CHECK(got.events.back().draft.metadata.contains(R"("prompt_tokens_max":"272000")"));
  }

  TEST_CASE("completed items are the events where no item of a response says the same") {
    const std::string user =
        done(R"({"type":"UserMessage","id":"u","content":[{"type":"text","text":"what now"}]})");
    const std::string agent =
        done(R"({"type":"AgentMessage","id":"a","content":[{"type":"Text","text":"this"}]})");
    const std::string command = done(
        R"({"type":"CommandExecution","id":"k1","command":["bash","-lc","make"],"status":"failed","exit_code":2})");
    const std::string fine = done(
        R"({"type":"CommandExecution","id":"k2","command":["ls"],"status":"completed","exit_code":0})");
    const Conversion alone = convert(meta() + context + user + agent + command + fine);
    CHECK(alone.of_type("user_message") == 1);
    CHECK(alone.of_type("llm_response") == 1);
    CHECK(alone.of_type("tool_called") == 2);
    CHECK(alone.totals().tool_errors == 1);
    CHECK(alone.tally.unknown.empty());
    const std::string item = line(
        "response_item",
        R"({"type":"message","role":"user","content":[{"type":"input_text","text":"what now"}]})",
        "08:00:02");
    const std::string answer = line(
        "response_item",
        R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"this"}]})",
        "08:00:02");
    const std::string call = line(
        "response_item",
        R"({"type":"function_call","name":"shell","arguments":"{}","call_id":"k1"})", "08:00:02");
    const Conversion both =
        convert(meta() + context + item + user + agent + answer + call + command + fine);
    CHECK(both.of_type("user_message") == 1);
    CHECK(both.of_type("llm_response") == 1);
    CHECK(both.of_type("tool_called") == 2);
  }

  TEST_CASE("every kind of completed item is known") {
    const Conversion got = convert(
        meta() + context + done(R"({"type":"Plan","id":"p","text":"1. look"})") +
        done(R"({"type":"FileChange","id":"f","changes":{},"status":"completed"})") +
        done(
            R"({"type":"McpToolCall","id":"m","server":"s","tool":"look","status":"failed","error":{"message":"no"}})") +
        done(R"({"type":"WebSearch","id":"w","query":"q"})") +
        done(R"({"type":"Reasoning","id":"r"})") +
        done(R"({"type":"SubAgentActivity","id":"s","kind":"started"})") +
        done(R"({"type":"ContextCompaction","id":"c"})") +
        line("world_state", R"({"full":true})", "08:00:02") +
        line("inter_agent_communication", R"({"author":"/root"})", "08:00:02") +
        message(R"({"type":"thread_settings_applied"})", "08:00:03") +
        message(R"({"type":"thread_goal_updated"})", "08:00:03") +
        message(R"({"type":"thread_name_updated","thread_name":"the name"})", "08:00:03"));
    CHECK(got.tally.unknown.empty());
    CHECK(got.of_type("tool_called") == 3);
    CHECK(got.totals().tool_errors == 1);
    CHECK(got.of_type("plan_created") == 1);
    CHECK(got.sessions.at(0).title == "the name");
  }

  TEST_CASE("a script of code mode says in the first part of its output how it went") {
    const std::string call =
        line("response_item",
             R"({"type":"custom_tool_call","name":"exec","call_id":"c","input":"x"})", "08:00:02");
    const auto output = [&](const char* head) {
      return convert(
          meta() + call +
          line(
              "response_item",
              R"({"type":"custom_tool_call_output","call_id":"c","output":[{"type":"input_text","text":")" +
                  std::string{head} + R"("},{"type":"input_text","text":"boom"}]})",
              "08:00:05"));
    };
    const Conversion failed = output("Script failed\\nWall time 0.25 seconds\\nOutput:\\n");
    CHECK(failed.totals().tool_errors == 1);
    CHECK(failed.events.back().draft.metadata.contains(R"("duration_ms":250)"));
    CHECK(output("Script completed\\nWall time 0.1 seconds\\nOutput:\\n").totals().tool_errors ==
          0);
  }

  TEST_CASE("a turn that ends with an error is one") {
    CHECK(totals_of(meta() +
                    message(R"({"type":"task_complete","error":{"message":"quota"}})", "08:00:05"))
              .errors == 1);
    CHECK(totals_of(meta() + message(R"({"type":"task_complete","error":null})", "08:00:05"))
              .errors == 0);
  }

  TEST_CASE("copied history counts nothing, up to the session's own first turn") {
    const std::string forked = meta(R"(,"forked_from_id":"dad")");
    const std::string copy = meta("", "dad") + said("old words", "08:00:00.1") +
                             total(1000, 100, "08:00:00.5") + total(2000, 200, "08:00:01.2") +
                             total(3000, 300, "08:00:02.1");
    const std::string own = said("new words", "08:00:02.3") + total(3500, 350, "08:00:20");
    const std::string whole = forked + copy + turn("08:00:02.2") + own;
    const Conversion got = convert(whole);
    CHECK(got.totals().tokens_in == 500);
    CHECK(got.totals().tokens_out == 50);
    CHECK(got.of_type("user_message") == 1);
    CHECK(got.sessions.at(0).title == "new words");
    CHECK(got.sessions.at(0).labels.at("forked_from") == "dad");
    // Turns of the history are copied, too.
    const std::string turns = forked + meta("", "dad") + turn("08:00:00.1", "a") +
                              said("old", "08:00:00.2") + total(1000, 100, "08:00:00.3") +
                              turn("08:00:00.4", "b") + total(2000, 200, "08:00:00.5") +
                              turn("08:00:00.6", "c") + own;
    CHECK(convert(turns).totals().tokens_in == 1500);
    CHECK(convert(turns).of_type("user_message") == 1);
    // So are whole turns, and the session's own comes when the user types.
    const std::string later = forked + meta("", "dad") + turn("08:00:00.1", "a") +
                              said("old", "08:00:00.1") + used("r1", 900, 90, "08:00:00.1") +
                              turn("08:05:00", "b") + said("new", "08:05:00.1") +
                              used("r2", 50, 5, "08:05:09");
    CHECK(convert(later).of_type("user_message") == 1);
    CHECK(convert(later).totals().tokens_in == 50);
    // The copying may have paused.
    const std::string slow = forked + meta("", "dad") + said("old", "08:00:03") +
                             total(1000, 100, "08:00:09") + turn("08:00:10") +
                             said("new", "08:00:10.1") + total(1200, 120, "08:00:20");
    CHECK(convert(slow).totals().tokens_in == 200);
    CHECK(convert(slow).of_type("user_message") == 1);
  }

  TEST_CASE("a spawned child may begin with history that keeps its own times") {
    const std::string child =
        meta(R"(,"source":{"subagent":{"thread_spawn":{"parent_thread_id":"dad","depth":1}}})");
    const Conversion got = convert(child + said("old", "07:00:00") + total(1000, 100, "07:00:05") +
                                   total(2000, 200, "07:30:00") + turn("08:00:01") +
                                   said("task", "08:00:01.1") + total(500, 50, "08:00:30"));
    CHECK(got.totals().tokens_in == 500);
    CHECK(got.of_type("user_message") == 1);
    CHECK(got.sessions.at(0).labels.at("parent_session") == "dad");
    // One without any history loses nothing.
    const Conversion bare = convert(child + turn("08:00:00.1") + said("task", "08:00:00.2") +
                                    total(500, 50, "08:00:00.3"));
    CHECK(bare.totals().tokens_in == 500);
    CHECK(bare.of_type("user_message") == 1);
  }
}

}  // namespace
}  // namespace agentstore::formats
