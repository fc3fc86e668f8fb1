#include <doctest/doctest.h>

#include <limits>

#include "convert.hpp"

namespace agentstore::formats {
namespace {

// An invented session: a prompt, a response in three records that each tell its usage, a tool that
// fails, a plan, a sub-agent.
const std::string transcript =
    R"({"type":"file-history-snapshot","messageId":"m","snapshot":{}})"
    "\n"
    R"({"type":"user","uuid":"u1","sessionId":"s-1","timestamp":"2026-03-07T12:00:00Z","cwd":"/project","gitBranch":"main","version":"2.0.1","message":{"role":"user","content":"Count the files"}})"
    "\n"
    R"({"type":"assistant","uuid":"u2","sessionId":"s-1","timestamp":"2026-03-07T12:00:01Z","requestId":"r","message":{"id":"m1","role":"assistant","model":"claude-x","content":[{"type":"thinking","thinking":"ls"}],"usage":{"input_tokens":3,"cache_creation_input_tokens":10,"cache_read_input_tokens":20,"output_tokens":1}}})"
    "\n"
    R"({"type":"assistant","uuid":"u3","sessionId":"s-1","timestamp":"2026-03-07T12:00:02Z","message":{"id":"m1","role":"assistant","model":"claude-x","content":[{"type":"text","text":"I count."}],"usage":{"input_tokens":3,"cache_creation_input_tokens":10,"cache_read_input_tokens":20,"output_tokens":1}}})"
    "\n"
    R"({"type":"assistant","uuid":"u4","sessionId":"s-1","timestamp":"2026-03-07T12:00:03Z","message":{"id":"m1","role":"assistant","model":"claude-x","content":[{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"ls | wc -l"}}],"usage":{"input_tokens":3,"cache_creation_input_tokens":10,"cache_read_input_tokens":20,"output_tokens":42}}})"
    "\n"
    R"({"type":"user","uuid":"u5","sessionId":"s-1","timestamp":"2026-03-07T12:00:05.500Z","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"no such file","is_error":true}]},"toolUseResult":"Error"})"
    "\n"
    R"({"type":"assistant","uuid":"u6","sessionId":"s-1","timestamp":"2026-03-07T12:00:06Z","message":{"id":"m2","role":"assistant","model":"claude-x","content":[{"type":"tool_use","id":"t2","name":"TodoWrite","input":{"todos":[]}}],"usage":{"input_tokens":1,"output_tokens":2}}})"
    "\n"
    R"({"type":"progress","uuid":"u7","sessionId":"s-1","timestamp":"2026-03-07T12:00:07Z","data":{"type":"agent_progress","agentId":"a1","message":{"type":"assistant","uuid":"n1","message":{"id":"m3","role":"assistant","model":"claude-y","content":[],"usage":{"input_tokens":5,"output_tokens":6}}}}})"
    "\n"
    R"({"type":"user","isSidechain":true,"agentId":"a1","uuid":"u8","sessionId":"s-1","timestamp":"2026-03-07T12:00:08Z","message":{"role":"user","content":"Look here"}})"
    "\n"
    R"({"type":"system","subtype":"api_error","uuid":"u9","sessionId":"s-1","timestamp":"2026-03-07T12:00:09Z","error":{}})"
    "\n"
    R"({"type":"novelty","uuid":"u10","sessionId":"s-1","timestamp":"2026-03-07T12:00:10Z","big":9007199254740993})"
    "\n";

const Draft& with_id(const Conversion& conversion, std::string_view id) {
  for (const SourceEvent& event : conversion.events)
    if (event.draft.event_id == id) return event.draft;
  FAIL("no event " << id);
  return conversion.events.front().draft;
}

std::string line_of(std::string_view type, const std::string& rest, int number = 1) {
  return R"({"type":")" + std::string{type} + R"(","uuid":"u)" + std::to_string(number) +
         R"(","sessionId":"s","timestamp":"2026-03-07T12:00:00Z",)" + rest + "}\n";
}

TEST_SUITE("claude code") {
  TEST_CASE("usage counts once, as the largest that was told") {
    const Conversion got = convert(transcript);
    REQUIRE(got.result);
    const Totals totals = got.totals(0);
    CHECK(totals.tokens_in == 33 + 1);
    CHECK(totals.tokens_out == 42 + 2);
    CHECK(totals.tokens_cache_read == 20);
    CHECK(totals.tokens_cache_write == 10);
    CHECK(got.tally.repeated_usage == 2);
    CHECK(got.tally.duplicate_tokens_in == 66);
    CHECK(got.tally.duplicate_tokens_out == 2);
  }

  TEST_CASE("each record becomes what it is") {
    const Conversion got = convert(transcript);
    CHECK(got.tally.by_type == Counts{{"user_message", 2},
                                      {"llm_response", 4},
                                      {"tool_called", 2},
                                      {"tool_result", 1},
                                      {"plan_created", 1},
                                      {"error", 1},
                                      {"custom", 2}});
    CHECK(got.tally.left_out == Counts{{"file-history-snapshot", 1}});
    CHECK(got.tally.unknown == Counts{{"novelty", 1}});
    CHECK(with_id(got, "u1").payload == R"({"content":"Count the files"})");
    const Draft& result = with_id(got, "u5");
    CHECK(result.payload ==
          R"({"type":"tool_result","tool_use_id":"t1","content":"no such file","is_error":true,)"
          R"("toolUseResult":"Error"})");
    CHECK(json::find_text(result.metadata, "tool_name") == "Bash");
    CHECK(json::find_integer(result.metadata, "duration_ms") == 2500);
    CHECK(json::find_text(result.metadata, "causation_id") == "u4");
    CHECK(json::find_text(with_id(got, "u6.1").metadata, "causation_id") == "u6");
    CHECK(with_id(got, "u10").payload.find("9007199254740993") != std::string::npos);
  }

  TEST_CASE("a sub-agent has a session of its own, and its progress is not the session's use") {
    const Conversion got = convert(transcript);
    REQUIRE(got.sessions.size() == 2);
    CHECK(got.sessions[0].id == "s-1");
    CHECK(got.sessions[0].title == "Count the files");
    CHECK(got.sessions[0].labels.at("cwd") == "/project");
    CHECK(got.sessions[1].id == "agent-a1.s-1");
    CHECK(got.sessions[1].labels.at("parent_session") == "s-1");
    CHECK(got.sessions[1].labels.at("agent_id") == "a1");
    const Draft& progress = with_id(got, "u7");
    CHECK(json::find_text(progress.metadata, "worker_id") == "a1");
    CHECK(json::find_integer(progress.metadata, "tokens_in") == 5);
    CHECK(json::find_text(with_id(got, "u8").metadata, "worker_id") == "a1");
  }

  TEST_CASE("what a file gave when it was shorter, it gives again, and then the rest") {
    const Conversion whole = convert(transcript);
    for (std::size_t size = 0; size <= transcript.size(); size += 97) {
      CAPTURE(size);
      const Conversion part = convert(transcript.substr(0, size), 50);
      if (!part.result) continue;
      if (part.sessions.empty()) continue;
      CHECK(part.sessions[0].id == "s-1");
      REQUIRE(part.events.size() <= whole.events.size());
      for (std::size_t i = 0; i < part.events.size(); ++i) {
        CHECK(part.events[i].draft.event_id == whole.events[i].draft.event_id);
        CHECK(part.events[i].draft.payload == whole.events[i].draft.payload);
        CHECK(part.events[i].draft.metadata == whole.events[i].draft.metadata);
        CHECK(part.events[i].draft.timestamp == whole.events[i].draft.timestamp);
      }
    }
  }

  TEST_CASE("the same record twice is one; another one under its id is kept") {
    const std::string one =
        R"({"type":"user","uuid":"u","sessionId":"s","timestamp":"2026-03-07T12:00:00Z","message":{"role":"user","content":"a"}})";
    const std::string other =
        R"({"type":"user","uuid":"u","sessionId":"s","timestamp":"2026-03-07T12:00:00Z","message":{"role":"user","content":"b"}})";
    const Conversion got = convert(one + "\n" + one + "\n" + other + "\n" + other + "\n");
    CHECK(got.events.size() == 2);
    CHECK(got.tally.duplicates == 2);
    CHECK(got.events[0].draft.event_id == "u");
    CHECK(got.events[1].draft.event_id.starts_with("u~"));
  }

  TEST_CASE("a time is inherited, or said to be the import's") {
    const std::string untimed = R"({"type":"user","message":{"role":"user","content":"a"}})";
    const Conversion alone = convert(untimed + "\n");
    REQUIRE(alone.events.size() == 1);
    CHECK(alone.events[0].draft.metadata.find(R"("timestamp_source":"file")") != std::string::npos);
    CHECK(alone.sessions[0].id.starts_with("fallback-"));
    const Conversion led = convert(untimed + "\n" + transcript);
    CHECK(led.events[0].draft.timestamp == Timestamp{1772884800, 0});
    CHECK(led.events[0].draft.metadata.find(R"("timestamp_source":"inherited")") !=
          std::string::npos);
  }

  TEST_CASE("lines that are about a session wait for the first one that names it") {
    const std::string head = R"({"type":"summary","summary":"x","leafUuid":"l"})"
                             "\n";
    const Conversion waiting = convert(head + head);
    CHECK(waiting.events.empty());
    CHECK(waiting.tally.left_out.at("summary (of no session yet)") == 2);
    const Conversion whole = convert(head + transcript);
    CHECK(whole.sessions[0].id == "s-1");
    CHECK(whole.events[0].draft.payload == head.substr(0, head.size() - 1));
  }

  TEST_CASE("a copy of another session's record is kept, and its use is not counted again") {
    const std::string copied =
        R"({"type":"assistant","uuid":"u","sessionId":"fork","timestamp":"2026-03-07T12:00:00Z","forkedFrom":{"sessionId":"s-1"},"message":{"id":"m1","role":"assistant","content":[{"type":"text","text":"x"}],"usage":{"input_tokens":7,"output_tokens":8}}})";
    const Conversion got = convert(copied);
    CHECK(got.totals().tokens_in == 0);
    CHECK(got.tally.duplicate_tokens_in == 7);
    CHECK(got.sessions[0].labels.at("forked_from") == "s-1");
    CHECK(got.of_type("llm_response") == 1);
  }

  TEST_CASE("what no log may hold does not get into labels") {
    const std::string bad =
        "{\"type\":\"user\",\"uuid\":\"u\",\"sessionId\":\"s\",\"timestamp\":\"2026-03-07T12:00:"
        "00Z\","
        "\"cwd\":\"\xFF\",\"message\":{\"role\":\"user\",\"content\":\"a\"}}\n";
    const Conversion got = convert(bad + transcript);
    CHECK(got.tally.unknown.at("not storable") == 1);
    CHECK(got.sessions[0].id == "s-1");
    CHECK(got.sessions[0].labels.at("cwd") == "/project");
  }

  TEST_CASE("content of no known kind is kept") {
    const Conversion got =
        convert(line_of("assistant", R"("message":{"id":"m","content":{"odd":[1]}})") +
                line_of("assistant", R"("message":{"id":"n","content":7})", 2));
    REQUIRE(got.events.size() == 2);
    CHECK(got.events[0].draft.payload == R"({"content":{"odd":[1]}})");
    CHECK(got.events[1].draft.payload == R"({"content":7})");
  }

  TEST_CASE("a cost that no log or no sum could hold is kept as text") {
    for (const std::string cost : {"1e999999", "1e400", "1e-400", "1e308", "0.10"}) {
      CAPTURE(cost);
      const Conversion got = convert(
          line_of("assistant", "\"costUSD\":" + cost + R"(,"message":{"id":"m","content":"a"})"));
      REQUIRE(got.events.size() == 1);
      const std::string& metadata = got.events[0].draft.metadata;
      const bool number = cost == "0.10" || cost == "1e308";
      CHECK(json::find(metadata, "cost_usd").value_or("") == (number ? cost : ""));
      const auto extra = json::find(metadata, "extra").value_or("null");
      CHECK(json::find_text(extra, "cost_usd").value_or("") == (number ? "" : cost));
    }
  }

  TEST_CASE("a result that holds what would be added to it is kept as it is") {
    const std::string block =
        R"({"type":"tool_result","tool_use_id":"t","content":"x","toolUseResult":1})";
    const Conversion got =
        convert(line_of("user", R"("toolUseResult":{},"message":{"content":[)" + block + "]}"));
    REQUIRE(got.events.size() == 1);
    CHECK(got.events[0].draft.payload == block);
  }

  TEST_CASE("tokens that no number holds do not wrap around") {
    std::string lines;
    for (int number = 0; number < 6; ++number)
      lines += line_of(
          "assistant",
          R"("message":{"id":"m","content":"a","usage":{"output_tokens":9223372036854775807}})",
          number);
    CHECK(convert(lines).tally.duplicate_tokens_out == std::numeric_limits<std::int64_t>::max());
  }

  TEST_CASE("a label is no longer than a label needs to be") {
    const Conversion got = convert(line_of("user", R"("message":{"content":"a"},"cwd":"x)" +
                                                       std::string(1022, 'y') + "\u00e9" + R"(")"));
    CHECK(got.sessions[0].labels.at("cwd") == "x" + std::string(1022, 'y'));
  }

  TEST_CASE("kinds without end are counted together") {
    std::string lines = line_of("user", R"("message":{"content":"a"})");
    for (int number = 0; number < 1000; ++number)
      lines += line_of("kind" + std::to_string(number), R"("a":1)", number + 2);
    lines += line_of(std::string(5000, 'k'), R"("a":1)", 2000);
    const Conversion got = convert(lines);
    CHECK(got.tally.unknown.size() == 201);
    CHECK(got.tally.unknown.at("(others)") == 801);
    CHECK(got.events.size() == 1002);
  }

  TEST_CASE("ids that are no ids become ids") {
    const std::string line =
        R"({"type":"user","uuid":"a\u0000b","sessionId":"../../etc/passwd","timestamp":"2026-03-07T12:00:00Z","message":{"role":"user","content":"a"}})";
    const Conversion got = convert(line);
    CHECK(got.sessions[0].id.find('/') == std::string::npos);
    CHECK(got.events[0].draft.event_id.starts_with("line-"));
  }
}

}  // namespace
}  // namespace agentstore::formats
