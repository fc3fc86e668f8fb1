// A transcript that is read on later gives what it gives when it is read at once.

#include "formats/sources/resumable.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "formats/sources/transcript.hpp"

namespace agentstore::formats {
namespace {

const SourceOptions options{
    .fallback_id = "file", .file_changed_at = {1'772'884'800, 0}, .made = Made::figures};

std::string record(int number, const std::string& type, const std::string& message) {
  const std::string n = std::to_string(number);
  return R"({"sessionId":"s1","uuid":"u)" + n +
         R"(","cwd":"/src/shop","timestamp":"2026-03-07T12:00:)" + (number < 10 ? "0" : "") + n +
         R"(.000Z","requestId":"r)" + std::to_string(number / 3) + R"(","type":")" + type +
         R"(","message":)" + message + "}\n";
}

std::string answer(int number, const std::string& block) {
  return R"({"id":"m)" + std::to_string(number / 3) +
         R"(","role":"assistant","model":"claude-opus-4-6","usage":{"input_tokens":3,"output_tokens":)" +
         std::to_string(number) + R"(},"content":[)" + block + "]}";
}

/// Responses in several records, calls that are answered later, records that come twice, a title.
std::vector<std::string> lines() {
  std::vector<std::string> lines{
      "{\"type\":\"summary\",\"summary\":\"before the first record\"}\n",
      record(0, "user", R"({"role":"user","content":"Fix the tests"})"),
  };
  for (int n = 1; n < 30; n += 3) {
    const std::string call = "t" + std::to_string(n);
    lines.push_back(record(n, "assistant", answer(n, R"({"type":"text","text":"I look"})")));
    lines.push_back(record(
        n + 1, "assistant",
        answer(n + 1, R"({"type":"tool_use","id":")" + call + R"(","name":"Bash","input":{}})")));
    lines.push_back(record(n + 2, "user",
                           R"({"role":"user","content":[{"type":"tool_result","tool_use_id":")" +
                               call + R"(","content":"no","is_error":true}]})"));
    if (n % 2 == 0) lines.push_back(lines[lines.size() - 2]);
    if (n % 7 == 0) lines.push_back("no JSON\n");
  }
  lines.push_back(R"({"type":"custom-title","sessionId":"s1","customTitle":"Mine"})"
                  "\n");
  return lines;
}

void take(Transcript& transcript, std::string& text) {
  for (const SourceEvent& event : transcript.take_events())
    text += std::to_string(event.line) + " " + event.draft.type + " " + event.draft.payload + " " +
            event.draft.metadata + " " + format_rfc3339(*event.draft.timestamp) + "\n";
}

std::string end_of(Transcript& transcript, std::string text) {
  REQUIRE(transcript.end());
  take(transcript, text);
  for (const SourceSession& session : transcript.sessions()) {
    text += session.id + " " + session.title + " " + format_rfc3339(session.created_at);
    for (const auto& [key, value] : session.labels) text += " " + key + "=" + value;
  }
  const Tally& tally = transcript.tally();
  for (const std::uint64_t number : {tally.bytes, tally.lines, tally.records, tally.events,
                                     tally.duplicates, tally.repeated_usage, tally.skipped})
    text += " " + std::to_string(number);
  return text;
}

}  // namespace

TEST_SUITE_BEGIN("resumable");

TEST_CASE("a transcript that is read on at any line gives what it gives at once") {
  const std::vector<std::string> all = lines();
  Transcript whole{options, &claude_code_source};
  std::string text;
  for (const std::string& line : all) REQUIRE(whole.feed(line));
  take(whole, text);
  const std::string wanted = end_of(whole, text);
  std::size_t resumed = 0;
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    CAPTURE(cut);
    Transcript first{options, &claude_code_source};
    std::string told;
    for (std::size_t i = 0; i < cut; ++i) REQUIRE(first.feed(all[i]));
    take(first, told);
    const auto state = first.state();
    if (!state) continue;
    ++resumed;
    Transcript second{options, &claude_code_source};
    REQUIRE(second.resume(*state));
    for (std::size_t i = cut; i < all.size(); ++i) REQUIRE(second.feed(all[i]));
    take(second, told);
    CHECK(end_of(second, told) == wanted);
  }
  CHECK(resumed + 2 >= all.size());
}

TEST_CASE("there is no state within a line, before the first record, or of another source") {
  Transcript transcript{options, &claude_code_source};
  CHECK_FALSE(transcript.state());
  REQUIRE(transcript.feed(lines()[1]));
  REQUIRE(transcript.state());
  REQUIRE(transcript.feed("{\"type\":"));
  CHECK_FALSE(transcript.state());
  Transcript other{options, &codex_source};
  CHECK_FALSE(other.state());
}

TEST_CASE("a state that is cut off is of no use") {
  Transcript transcript{options, &claude_code_source};
  for (const std::string& line : lines()) REQUIRE(transcript.feed(line));
  const std::string state = *transcript.state();
  for (std::size_t size = 0; size < state.size(); ++size) {
    Transcript other{options, &claude_code_source};
    CHECK_FALSE(other.resume(std::string_view{state}.substr(0, size)));
  }
  Transcript codex{options, &codex_source};
  CHECK_FALSE(codex.resume(state));
}

TEST_SUITE_END();

}  // namespace agentstore::formats
