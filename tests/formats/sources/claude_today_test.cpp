// What Claude Code has written since 2.1.43.

#include <doctest/doctest.h>

#include "convert.hpp"

namespace agentstore::formats {
namespace {

std::string line_of(std::string_view type, const std::string& rest, int number = 1) {
  return R"({"type":")" + std::string{type} + R"(","uuid":"u)" + std::to_string(number) +
         R"(","sessionId":"s","timestamp":"2026-09-07T12:00:0)" + std::to_string(number % 10) +
         R"(Z",)" + rest + "}\n";
}

std::string prompt(const std::string& rest = "") {
  return line_of("user", rest + R"("message":{"role":"user","content":"Count"})");
}

std::string response(const std::string& content, const std::string& usage, int number = 2,
                     const std::string& rest = "") {
  return line_of("assistant",
                 rest +
                     R"("requestId":"r","message":{"id":"m","role":"assistant","model":"large",)"
                     R"("content":[)" +
                     content + R"(],"usage":{)" + usage + "}}",
                 number);
}

std::string queued(const std::string& members, int number = 3) {
  return line_of("attachment", R"("attachment":{"type":"queued_command",)" + members + "}", number);
}

const std::string words = R"({"type":"text","text":"so"})";

std::string extra_of(const SourceEvent& event, std::string_view key) {
  const auto extra = json::find(event.draft.metadata, "extra").value_or("null");
  return json::find_text(extra, key).value_or("");
}

const SourceEvent& only(const Conversion& conversion, std::string_view type) {
  const SourceEvent* found = nullptr;
  for (const SourceEvent& event : conversion.events)
    if (event.draft.type == type) found = &event;
  REQUIRE(found != nullptr);
  CHECK(conversion.of_type(type) == 1);
  return *found;
}

TEST_SUITE("claude code of today") {
  TEST_CASE("a prompt that was typed while a tool ran is a prompt") {
    const Conversion got = convert(
        queued(R"("prompt":"and the tests","commandMode":"prompt","origin":{"kind":"human"})") +
        queued(R"("prompt":[{"type":"text","text":"now"}],"mode":"prompt")", 4));
    CHECK(got.of_type("user_message") == 2);
    CHECK(got.events[0].draft.payload == R"({"content":"and the tests"})");
    CHECK(got.sessions[0].title == "and the tests");
  }

  TEST_CASE("what tasks, teammates and peers queue or say is no prompt") {
    const Conversion got =
        convert(queued(R"("prompt":"<task-notification>x","commandMode":"task-notification")") +
                queued(R"("prompt":"hello","commandMode":"prompt","origin":{"kind":"peer"})", 4) +
                queued(R"("prompt":"hello","commandMode":"prompt","isMeta":true)", 5) +
                queued(R"("prompt":"ls","commandMode":"bash")", 6) +
                prompt(R"("origin":{"kind":"task-notification"},)") +
                line_of("user", R"("message":{"content":"<teammate-message id=\"a\">go"})", 7));
    CHECK(got.of_type("user_message") == 0);
    CHECK(got.of_type("custom") == 6);
    CHECK(convert(prompt(R"("origin":{"kind":"human"},)")).of_type("user_message") == 1);
  }

  TEST_CASE("a title is what the user chose, else what the agent did, else the first prompt") {
    const std::string ai = R"({"type":"ai-title","aiTitle":"Counting","sessionId":"s"})"
                           "\n";
    const std::string own = R"({"type":"custom-title","customTitle":"Mine","sessionId":"s"})"
                            "\n";
    CHECK(convert(prompt()).sessions[0].title == "Count");
    CHECK(convert(prompt() + ai).sessions[0].title == "Counting");
    CHECK(convert(ai + prompt() + own + ai).sessions[0].title == "Mine");
  }

  TEST_CASE("what Claude Code notes for itself is of a known kind") {
    std::string lines = prompt();
    for (const std::string type :
         {"mode", "permission-mode", "agent-name", "last-prompt", "ai-title", "task-summary"})
      lines += R"({"type":")" + type + R"(","sessionId":"s","value":"x"})" + "\n";
    lines += R"({"type":"file-history-delta","messageId":"m","delta":{}})"
             "\n";
    lines += line_of("system", R"("subtype":"away_summary")", 5);
    const Conversion got = convert(lines);
    CHECK(got.tally.unknown.empty());
    CHECK(got.of_type("custom") == 7);
    CHECK(got.tally.left_out.at("file-history-delta") == 1);
  }

  TEST_CASE("many notes before the first prompt do not hide the format") {
    std::string lines;
    for (int i = 0; i < 400; ++i)
      lines += R"({"type":"mode","mode":"normal","sessionId":"s"})"
               "\n";
    for (int i = 0; i < 9000; ++i)
      lines += R"({"type":"of-tomorrow","text":"some words that fill the line a bit"})"
               "\n";
    CHECK(convert(lines + prompt()).format == &claude_code_source);
  }

  TEST_CASE("tools of the server are calls and results, not words") {
    const std::string call =
        R"({"type":"server_tool_use","id":"st","name":"web_search","input":{"query":"x"}})";
    const std::string result =
        R"({"type":"web_search_tool_result","tool_use_id":"st","content":[]})";
    const std::string usage = R"("input_tokens":10,"output_tokens":5)";
    const Conversion got = convert(
        prompt() + response(call, usage + R"(,"server_tool_use":{"web_search_requests":2})") +
        response(result, usage, 4) + response(words, R"("input_tokens":10,"output_tokens":50)", 5));
    CHECK(got.totals().tool_calls == 1);
    CHECK(got.of_type("tool_result") == 1);
    CHECK(got.totals().tokens_in == 10);
    CHECK(got.totals().tokens_out == 50);
    CHECK(json::find_text(only(got, "tool_result").draft.metadata, "tool_name") == "web_search");
    CHECK(json::find_integer(only(got, "tool_result").draft.metadata, "duration_ms") == 2000);
    CHECK(extra_of(got.events[1], "web_searches") == "2");
  }

  TEST_CASE("what an advisor used counts besides, what the message's passes used does not") {
    const std::string usage =
        R"("input_tokens":2,"output_tokens":9,"iterations":[)"
        R"({"type":"message","input_tokens":1,"output_tokens":4},)"
        R"({"type":"advisor_message","model":"wise","input_tokens":100,"output_tokens":70},)"
        R"({"type":"message","input_tokens":1,"output_tokens":5}])";
    const Conversion got = convert(prompt() + response(words, usage) + response(words, usage, 3));
    CHECK(got.totals().tokens_in == 102);
    CHECK(got.totals().tokens_out == 79);
    const SourceEvent& advisor = got.events[2];
    CHECK(json::find_text(advisor.draft.metadata, "model") == "wise");
    CHECK(extra_of(advisor, "response") == "m/r/advisor/1");
    CHECK(advisor.draft.event_id == "u2.advisor-1");
    CHECK(got.of_type("llm_response") == 3);
    const std::string unnamed =
        R"("iterations":[{"type":"advisor_message","input_tokens":1,"output_tokens":1}])";
    const Conversion by_record = convert(response(words, unnamed, 2, R"("advisorModel":"sage",)"));
    CHECK(json::find_text(by_record.events.back().draft.metadata, "model") == "sage");
  }

  TEST_CASE("what a price depends on is told where it is out of the ordinary") {
    const Conversion got = convert(response(
        words, R"("input_tokens":1,"output_tokens":9,"speed":"fast","service_tier":"batch",)"
               R"("inference_geo":"us","output_tokens_details":{"thinking_tokens":6},)"
               R"("cache_creation_input_tokens":30,"cache_creation":)"
               R"({"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20})"));
    const SourceEvent& event = got.events[0];
    CHECK(extra_of(event, "speed") == "fast");
    CHECK(extra_of(event, "service_tier") == "batch");
    CHECK(extra_of(event, "inference_geo") == "us");
    CHECK(json::find_integer(event.draft.metadata, "tokens_reasoning") == 6);
    CHECK(json::find_integer(event.draft.metadata, "tokens_cache_write") == 30);
    CHECK(json::find_integer(event.draft.metadata, "tokens_cache_write_1h") == 20);
    const Conversion usual = convert(response(
        words, R"("input_tokens":1,"output_tokens":9,"speed":"standard","inference_geo":"",)"
               R"("service_tier":"standard")"));
    for (const char* key : {"speed", "service_tier", "inference_geo", "web_searches"})
      CHECK(extra_of(usual.events[0], key).empty());
  }

  TEST_CASE("figures may be written in any way that is a count; others are named") {
    const Conversion odd = convert(response(words, R"("input_tokens":10.0,"output_tokens":1e2)"));
    CHECK(odd.totals().tokens_in == 10);
    CHECK(odd.totals().tokens_out == 100);
    for (const std::string value : {R"("100")", "-5", "1.5", "true"}) {
      CAPTURE(value);
      const Conversion got =
          convert(response(words, R"("output_tokens":1,"input_tokens":)" + value));
      CHECK(extra_of(got.events[0], "unread") ==
            "usage: input_tokens is " + value + ", which is not a count");
    }
    const Conversion twice = convert(
        prompt() + response(words, R"("input_tokens":1,"input_tokens":2,"output_tokens":3)"));
    CHECK_FALSE(extra_of(twice.events[1], "unread").empty());
  }
}

TEST_SUITE("other tools") {
  TEST_CASE("streams and sessions of other tools are refused by name") {
    const std::pair<const char*, const char*> samples[] = {
        {R"({"type":"init","timestamp":"2026-01-01T00:00:00Z","session_id":"g","model":"m"})"
         "\n"
         R"({"type":"message","role":"user","content":"hi"})",
         "it is a Gemini CLI stream"},
        {R"({"sessionId":"g","projectHash":"h","startTime":"2026-01-01T00:00:00Z"})"
         "\n"
         R"({"type":"gemini","id":"a","content":"x"})",
         "it is a Gemini CLI session"},
        {R"({"type":"system","subtype":"init","cwd":"/","session_id":"c","model":"m","permissionMode":"default"})"
         "\n"
         R"({"type":"user","message":{"role":"user","content":[{"type":"text","text":"hi"}]},"session_id":"c"})"
         "\n"
         R"({"type":"assistant","message":{"role":"assistant","content":[{"type":"text","text":"so"}]},"session_id":"c"})",
         "it is a Cursor stream"},
        {R"({"role":"user","message":{"content":[{"type":"text","text":"hi"}]}})",
         "it is a Cursor transcript"},
        {R"({"type":"text","data":"hi"})"
         "\n"
         R"({"type":"end","stopReason":"end_turn","sessionId":"g"})",
         "it is a Grok stream"},
        {R"({"timestamp":1,"method":"session/update","params":{"update":{}}})",
         "it is a Grok stream"},
        {R"({"id":"1","session_id":"r","agent_id":"a","role":"user","type":"user","content":"hi","created_at":"2026-01-01"})",
         "it is a Rush session"},
        {R"({"type":"session.start","data":{"sessionId":"c"},"id":"1","parentId":null})",
         "it is a session of GitHub Copilot CLI"},
        {R"({"type":"session_start","id":"d","cwd":"/w"})", "it is a Factory Droid session"},
        {"{\n\"info\":{\"id\":\"ses_1\"},\n\"messages\":[]}", "it is an export of opencode"},
        {"{\n\"schema_version\":\"ATIF-v1.5\"}", "it is an ATIF trajectory"},
        {"SQLite format 3", "it is an SQLite database"},
        {"\n# aider chat started at 2026-01-01\n", "it is a chat history of aider"},
    };
    for (const auto& [bytes, message] : samples) {
      const std::string text = std::string{bytes} + "\n";
      CAPTURE(text);
      const Conversion got = convert(text, 10);
      REQUIRE_FALSE(got.result);
      CHECK(got.result.error().message == message);
    }
  }

  TEST_CASE("one line that looks known among many others is not enough") {
    std::string lines = R"({"type":"user","message":{"role":"user","content":"a"}})"
                        "\n";
    for (int i = 0; i < 20; ++i) lines += "{\"a\":1}\n";
    CHECK_FALSE(convert(lines).result);
  }
}

}  // namespace
}  // namespace agentstore::formats
