#include "formats/events/talk.hpp"

#include <doctest/doctest.h>

#include "agentstore/analysis/stats.hpp"
#include "formats/event.hpp"

using namespace agentstore;
using namespace agentstore::formats;

TEST_SUITE_BEGIN("talk");

namespace {

std::string who(std::string_view type, std::string_view payload, std::string_view metadata = "{}") {
  Line line;
  add_who(line, event_of(type, payload, metadata), {.agent = "codex"}, 40);
  return std::string{line.text()};
}

std::string call(std::string_view arguments, std::size_t columns = 60) {
  Line line;
  const std::string payload = R"({"name":"T","input":)" + std::string{arguments} + "}";
  add_call_words(line, event_of("tool_called", payload), {.folder = "/w/p"}, columns);
  return std::string{line.text()};
}

std::string ending(std::string_view payload, std::string_view metadata = "{}") {
  const EventView event = event_of("tool_result", payload, metadata);
  const Ending ending = ending_of(event, is_tool_error(event), 200);
  return ending.words + "|" + ending.detail;
}

}  // namespace

TEST_CASE("who speaks is a person, the agent, a tool, or a kind of record") {
  CHECK(who("user_message", R"({"content":"x"})") == "user");
  CHECK(who("llm_response", "{}") == "codex");
  CHECK(who("tool_called", R"({"name":"mcp__linear__list_issues"})") == "list_issues");
  CHECK(who("tool_result", "{}") == "result");
  CHECK(who("custom", "{}", R"({"extra":{"record_type":"system/stop_hook_summary"}})") == "hook");
  CHECK(who("custom", "{}", R"({"extra":{"record_type":"system/local_command"}})") ==
        "local_command");
  CHECK(who("custom", "{}", R"({"extra":{"record_type":"event_msg/agent_message"}})") == "codex");
  CHECK(who("BetPlaced", "{}") == "BetPlaced");
}

TEST_CASE("a call is its command, its file or what it looks for") {
  CHECK(call(R"({"command":"ls  -l","description":"list"})") == "ls -l");
  CHECK(call(R"({"command":["bash","-lc","ls"]})") == "ls");
  CHECK(call(R"({"file_path":"/w/p/cmd/a.go","limit":4})") == "cmd/a.go");
  CHECK(call(R"({"file_path":"/very/long/folder/of/it/cmd/a.go"})", 17) == "…/of/it/cmd/a.go");
  CHECK(call(R"({"pattern":"TODO","path":"/w/p/lib"})") == "TODO in lib");
  CHECK(call(R"("{\"query\":\"a b\"}")") == "a b");
  CHECK(call(R"({"x":1,"y":"z"})") == "x=1 y=z");
  CHECK(call(R"("*** Begin Patch\n*** Update File: a.cpp\n")") == "a.cpp");
}

TEST_CASE("how a call ended is said in words") {
  CHECK(ending(R"({"is_error":true,"content":"Exit code 2\nno rule"})") ==
        "failed: exit 2|no rule");
  CHECK(ending(R"({"exit_code":3,"output":"x"})") == "failed: exit 3|x");
  CHECK(ending(R"({"is_error":true,"content":"<tool_use_error>gone</tool_use_error>"})") ==
        "failed|gone");
  CHECK(ending(R"({"error":{"message":"down"}})") == "failed|down");
  CHECK(ending(R"({"content":[{"type":"text","text":"it rains"}]})") == "|it rains");
  CHECK(ending(R"({"output":"Exit code: 0\nWall time: 0.1 seconds\nOutput:\nhello"})") == "|hello");
  CHECK(ending(R"({"output":"{\"output\":\"done\",\"metadata\":{}}"})") == "|done");
  CHECK(ending(R"({"content":"{\"issues\":[{\"id\":1},{\"id\":22222222222222}]}"})") ==
        "|issues=(2 items)");
}

TEST_CASE("an answer tells what it used where that is known for good") {
  const auto use = use_of(event_of("llm_response", "{}", R"({"tokens_out":1320,"cost_usd":0.5})"));
  CHECK(use.tokens == "1,320 out");
  CHECK(use.cost == "$0.50");
  CHECK(use_of(event_of("llm_response", R"({"content":"x"})",
                        R"({"tokens_out":1,"extra":{"response":"r"}})"))
            .tokens.empty());
}

TEST_SUITE_END();
