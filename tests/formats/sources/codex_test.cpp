#include <doctest/doctest.h>

#include "convert.hpp"

namespace agentstore::formats {
namespace {

std::string line(std::string_view group, std::string_view payload,
                 std::string_view at = "2026-03-07T12:00:00Z") {
  return R"({"timestamp":")" + std::string{at} + R"(","type":")" + std::string{group} +
         R"(","payload":)" + std::string{payload} + "}\n";
}

std::string tokens(int in, int cached, int out, std::string_view at = "2026-03-07T12:00:09Z") {
  const std::string usage = R"({"input_tokens":)" + std::to_string(in) +
                            R"(,"cached_input_tokens":)" + std::to_string(cached) +
                            R"(,"output_tokens":)" + std::to_string(out) + "}";
  return line("event_msg",
              R"({"type":"token_count","info":{"total_token_usage":)" + usage +
                  R"(,"last_token_usage":)" + usage + "}}",
              at);
}

const std::string meta = line("session_meta", R"({"id":"c-1","cwd":"/p","git":{"branch":"b"}})");
const std::string model = line("turn_context", R"({"model":"gpt-x"})");

TEST_SUITE("codex") {
  TEST_CASE("cumulative counts are added as differences, once") {
    const Conversion got = convert(meta + model + tokens(100, 40, 10) + tokens(100, 40, 10) +
                                   tokens(250, 140, 15) + tokens(30, 0, 5));
    const Totals totals = got.totals();
    CHECK(totals.tokens_in == 100 + 150 + 30);
    CHECK(totals.tokens_out == 10 + 5 + 5);
    CHECK(totals.tokens_cache_read == 140);
    CHECK(got.of_type("llm_response") == 3);
    CHECK(got.tally.left_out == Counts{{"token_count (repeated)", 1}});
    CHECK(got.tally.duplicate_tokens_in == 100);
  }

  TEST_CASE("what is said twice is one event, whichever comes first") {
    const std::string item = line(
        "response_item",
        R"({"type":"message","role":"user","content":[{"type":"input_text","text":"go on"}]})");
    const std::string shown = line("event_msg", R"({"type":"user_message","message":"go on"})");
    CHECK(convert(meta + item + shown).of_type("user_message") == 1);
    CHECK(convert(meta + shown + item).of_type("user_message") == 1);
    CHECK(convert(meta + item + shown + shown + item).of_type("user_message") == 2);
    CHECK(convert(meta + item + item).of_type("user_message") == 2);
  }

  TEST_CASE("a tool's exit code and time stand in its output, in either form") {
    const std::string call =
        line("response_item",
             R"({"type":"function_call","name":"shell","arguments":"{}","call_id":"k"})");
    const auto result = [&](const char* output) {
      const Conversion got = convert(
          meta + call +
          line("response_item", R"({"type":"function_call_output","call_id":"k","output":)" +
                                    std::string{output} + "}"));
      return got.events.back().draft.metadata;
    };
    const std::string plain = result(R"("Exit code: 2\nWall time: 1.5 seconds\nOutput:\nx")");
    CHECK(json::find_text(plain, "tool_name") == "shell");
    CHECK(json::find_integer(plain, "duration_ms") == 1500);
    CHECK(plain.find(R"("is_error":"true")") != std::string::npos);
    const std::string nested =
        result(R"("{\"output\":\"x\",\"metadata\":{\"exit_code\":0,\"duration_seconds\":0.25}}")");
    CHECK(json::find_integer(nested, "duration_ms") == 250);
    CHECK(nested.find("is_error") == std::string::npos);
  }

  TEST_CASE("a plan is a call of a tool, and what comes of it") {
    const Conversion got = convert(
        meta +
        line(
            "response_item",
            R"({"type":"function_call","name":"update_plan","call_id":"k","arguments":"{\"plan\":[]}"})"));
    CHECK(got.of_type("tool_called") == 1);
    REQUIRE(got.of_type("plan_created") == 1);
    CHECK(got.events.back().draft.payload == R"({"plan":[]})");
  }

  TEST_CASE("surroundings are no prompt") {
    const auto said = [](std::string_view text) {
      return convert(meta + line("response_item",
                                 R"({"type":"message","role":"user","content":[{"text":")" +
                                     std::string{text} + R"("}]})"))
          .of_type("user_message");
    };
    CHECK(said("<environment_context>x") == 0);
    CHECK(said("# AGENTS.md instructions") == 0);
    CHECK(said("a < b") == 1);
    CHECK(said("<3") == 1);
  }

  TEST_CASE("the history of the session that this one was forked from is not counted again") {
    const std::string fork = line("session_meta", R"({"id":"c-2","forked_from_id":"c-1"})");
    const Conversion got = convert(fork + meta + tokens(100, 0, 10, "2026-03-07T12:00:00.100Z") +
                                   tokens(130, 0, 12, "2026-03-07T12:05:00Z"));
    CHECK(got.sessions[0].id == "c-2");
    CHECK(got.sessions[0].labels.at("forked_from") == "c-1");
    CHECK(got.totals().tokens_in == 30);
    CHECK(got.totals().tokens_out == 2);
  }

  TEST_CASE("what a fork copied is copied before it has a turn of its own, too") {
    const auto turn = [](std::string_view number, std::string_view at, const std::string& end) {
      const std::string id{number};
      return line("event_msg", R"({"type":"task_started","turn_id":")" + id + R"("})", at) +
             line("event_msg", R"({"type":"user_message","message":"do )" + id + R"("})", at) + end;
    };
    const std::string_view copied = "2026-03-07T12:00:00Z";
    const std::string aborted = line("event_msg", R"({"type":"turn_aborted"})", copied);
    std::string long_answer =
        line("event_msg", R"({"type":"agent_message","message":"a"})", copied);
    for (int i = 0; i < 600; ++i)
      long_answer +=
          line("event_msg", R"({"type":"user_message","message":"m)" + std::to_string(i) + R"("})",
               copied);
    for (const std::string_view version : {"0.130.0", "0.165.0"}) {
      for (const std::string& last : {tokens(200, 0, 20, copied), aborted, long_answer}) {
        CAPTURE(version);
        const std::string fork =
            line("session_meta", R"({"id":"c-2","forked_from_id":"c-1","cli_version":")" +
                                     std::string{version} + R"("})") +
            meta + model + turn("1", copied, tokens(100, 0, 10, copied)) + turn("2", copied, last);
        const Conversion fresh = convert(fork);
        CHECK(fresh.totals().tokens_in == 0);
        CHECK(fresh.of_type("user_message") == 0);
        const Conversion grown = convert(
            fork + turn("3", "2026-03-07T12:05:00Z", tokens(300, 0, 30, "2026-03-07T12:05:04Z")));
        CHECK(grown.of_type("user_message") == 1);
        CHECK(grown.of_type("llm_response") == 1);
        REQUIRE(grown.events.size() > fresh.events.size());
        for (std::size_t i = 0; i < fresh.events.size(); ++i) {
          CHECK(grown.events[i].draft.event_id == fresh.events[i].draft.event_id);
          CHECK(grown.events[i].draft.type == fresh.events[i].draft.type);
        }
      }
    }
  }

  TEST_CASE("a response that token_count told of first is counted once, however often it is told") {
    const std::string usage =
        R"({"response_id":"r","usage":{"input_tokens":100,"output_tokens":10}})";
    const std::string record = line("token_usage_record", usage, "2026-03-07T12:00:09Z");
    const std::string compacted =
        line("compacted", R"({"message":"","latest_token_usage_record":)" + usage + "}");
    for (const std::string& again : {std::string{}, record + record, compacted}) {
      const Conversion got = convert(meta + model + tokens(100, 0, 10) + record + again);
      CHECK(got.totals().tokens_in == 100);
      CHECK(got.totals().tokens_out == 10);
    }
  }

  TEST_CASE("logs of older versions, and of exec, are read") {
    const Conversion old =
        convert(R"({"id":"old","timestamp":"2025-09-10T00:00:00Z","instructions":"x","git":null})"
                "\n"
                R"({"record_type":"state"})"
                "\n"
                R"({"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]})"
                "\r\n"
                R"({"type":"function_call","name":"shell","arguments":"{}","call_id":"k"})"
                "\r\n");
    CHECK(old.sessions[0].id == "old");
    CHECK(old.of_type("user_message") == 1);
    CHECK(old.of_type("tool_called") == 1);
    const Conversion exec = convert(
        R"({"type":"thread.started","thread_id":"t-1"})"
        "\n"
        R"({"type":"item.completed","item":{"id":"i0","type":"command_execution","command":"ls","exit_code":1,"status":"failed"}})"
        "\n"
        R"({"type":"item.completed","item":{"id":"i1","type":"agent_message","text":"done"}})"
        "\n"
        R"({"type":"turn.completed","usage":{"input_tokens":9,"cached_input_tokens":4,"output_tokens":3}})"
        "\n");
    CHECK(exec.sessions[0].id == "t-1");
    CHECK(exec.totals().tool_calls == 1);
    CHECK(exec.totals().tool_errors == 1);
    CHECK(exec.totals().tokens_in == 9);
  }
}

}  // namespace
}  // namespace agentstore::formats
