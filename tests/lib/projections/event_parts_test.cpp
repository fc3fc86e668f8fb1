#include "agentstore/analysis/event_parts.hpp"

#include <doctest/doctest.h>

#include <string>

#include "support/events.hpp"

namespace agentstore {
namespace {

using test::event_view;

std::string part(std::string_view name, std::string_view type, std::string_view payload,
                 std::string_view metadata = "{}") {
  return event_part(event_view(1, type, payload, metadata), name).value_or("");
}

}  // namespace

TEST_SUITE("parts of events") {
  TEST_CASE("every name gives JSON or nothing, and another name nothing") {
    for (const std::string_view name : event_part_names()) {
      CAPTURE(name);
      const std::string value = part(name, "tool_called", R"({"tool":"x"})");
      if (!value.empty()) CHECK_FALSE(json::check(value, json::rules_to_read));
      CHECK(part(name, "note", "null").empty());
    }
    CHECK(part("colour", "tool_called", R"({"colour":"red"})").empty());
  }

  TEST_CASE("the text of each kind of event") {
    CHECK(part("text", "user_message", R"({"content":"hi"})") == R"("hi")");
    CHECK(part("text", "llm_request",
               R"({"messages":[{"content":"first"},{"content":[{"text":"last"}]}]})") ==
          R"("last")");
    CHECK(part("text", "llm_request", R"({"prompt":"why"})") == R"("why")");
    CHECK(part("text", "llm_response", R"({"completion":"because"})") == R"("because")");
    CHECK(part("text", "tool_result", R"({"result":{"rows":3}})") == R"("{\"rows\":3}")");
    CHECK(part("text", "error", R"({"error":{"message":"no route"}})") == R"("no route")");
    CHECK(part("text", "plan_created", R"({"steps":["one",{"title":"two"}]})") == R"("one\ntwo")");
    CHECK(part("text", "tool_called", R"({"text":"x"})").empty());
  }

  TEST_CASE("a tool's arguments are an object, however a source wrote them") {
    CHECK(part("tool_args", "tool_called", R"({"input":{"q":1}})") == R"({"q":1})");
    CHECK(part("tool_args", "tool_called", R"({"arguments":"{\"q\":1}"})") == R"({"q":1})");
    CHECK(part("tool_args", "tool_called", R"({"arguments":"{q"})") == R"({"input":"{q"})");
    CHECK(part("tool_args", "tool_called",
               R"({"function":{"name":"f","arguments":"{\"q\":1}"}})") == R"({"q":1})");
    CHECK(part("tool_args", "tool_called", R"({"tool":"search","query":"x"})") ==
          R"({"query":"x"})");
    CHECK(part("tool_args", "tool_result", R"({"input":{"q":1}})").empty());
  }

  TEST_CASE("the file and the command that a call names") {
    CHECK(part("file", "tool_called", R"({"input":{"file_path":"a.cpp"}})") == R"("a.cpp")");
    CHECK(part("file", "tool_called",
               R"({"input":"*** Begin Patch\n*** Update File: src/b.cpp\n@@"})") ==
          R"("src/b.cpp")");
    CHECK(part("command", "tool_called", R"({"input":{"command":["bash","-lc","make test"]}})") ==
          R"("make test")");
    CHECK(part("command", "tool_called", R"({"args":{"cmd":["git","log"]}})") == R"("git log")");
    CHECK(part("command", "tool_called", R"({"args":{"q":"x"}})").empty());
    CHECK(part("command", "tool_called", R"({"args":"ls -l"})") == R"("ls -l")");
    CHECK(part("command", "tool_called", R"({"args":["bash","-lc","ls"]})") == R"("ls")");
    CHECK(part("command", "tool_called", R"({"args":[1,"x"]})").empty());
    CHECK(part("command", "tool_called", R"({"args":{"command":"rm","args":["-r","x"]}})") ==
          R"("rm -r x")");
    CHECK(part("command", "tool_called", R"({"args":{"args":"ls"}})").empty());
    CHECK(part("command", "tool_called", R"({"args":"*** Begin Patch\n*** End Patch"})").empty());
  }

  TEST_CASE("a tool is called by its metadata, else by its payload") {
    CHECK(part("tool_name", "tool_called", R"({"name":"b"})", R"({"tool_name":"a"})") == R"("a")");
    CHECK(part("tool_name", "tool_result", R"({"function":{"name":"f"}})") == R"("f")");
    CHECK(part("tool_name", "user_message", R"({"name":"n"})").empty());
  }

  TEST_CASE("a result fails if it says so, and nobody knows of a redacted one") {
    CHECK(part("failed", "tool_result", R"({"is_error":true})") == "true");
    CHECK(part("failed", "tool_result", R"({"exit_code":0})") == "false");
    CHECK(part("failed", "error", "{}") == "true");
    CHECK(part("failed", "llm_response", "{}").empty());
    EventView redacted = event_view(1, "tool_result", "null");
    redacted.redacted_by = 2;
    CHECK_FALSE(event_part(redacted, "failed"));
  }
}

}  // namespace agentstore
