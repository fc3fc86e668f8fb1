#include "formats/events/edits.hpp"

#include <doctest/doctest.h>

#include "formats/event.hpp"

namespace agentstore::formats {
namespace {

std::string text_of(const std::vector<EditLine>& lines) {
  constexpr const char* marks[] = {" ", "+", "-", "@"};
  std::string text;
  for (const EditLine& line : lines)
    text += marks[static_cast<std::size_t>(line.kind)] + line.text + "\n";
  return text;
}

}  // namespace

TEST_SUITE("edits") {
  TEST_CASE("a difference keeps what is the same") {
    CHECK(text_of(line_difference("a\nb\nc\n", "a\nx\nc\n")) == " a\n-b\n+x\n c\n");
    CHECK(text_of(line_difference("a\nb\nc\nd", "b\nc\nd\ne")) == "-a\n b\n c\n d\n+e\n");
    CHECK(text_of(line_difference("", "new")) == "+new\n");
    CHECK(text_of(line_difference("same", "same")) == " same\n");
  }

  TEST_CASE("long texts that differ all over take no time") {
    std::string a;
    std::string b;
    for (int i = 0; i < 20000; ++i) {
      a += "a" + std::to_string(i) + "\n";
      b += "b" + std::to_string(i) + "\n";
    }
    CHECK(line_difference(a, b).size() == 40000);
  }

  TEST_CASE("an edit by texts, several of them, a new file") {
    const auto one = edits_of(event_of(
        "tool_called",
        R"({"name":"Edit","input":{"file_path":"a.go","old_string":"x\ny","new_string":"x\nz"}})"));
    REQUIRE(one.size() == 1);
    CHECK(one[0].file == "a.go");
    CHECK(text_of(one[0].lines) == " x\n-y\n+z\n");
    CHECK(one[0].added() == 1);
    CHECK(one[0].removed() == 1);

    const auto several = edits_of(event_of(
        "tool_called",
        R"({"name":"MultiEdit","input":{"file_path":"a.go","edits":[{"old_string":"a","new_string":"b"},{"old_string":"c","new_string":"d"}]}})"));
    REQUIRE(several.size() == 1);
    CHECK(text_of(several[0].lines) == "-a\n+b\n@@@\n-c\n+d\n");

    const auto written = edits_of(event_of(
        "tool_called", R"({"name":"Write","input":{"file_path":"n.md","content":"1\n2\n"}})"));
    REQUIRE(written.size() == 1);
    CHECK(written[0].added() == 2);
  }

  TEST_CASE("patches of Codex") {
    const auto patch = edits_of(event_of(
        "tool_called",
        R"({"name":"apply_patch","input":"*** Begin Patch\n*** Update File: src/a.ts\n@@ fn\n-1\n+2\n 3\n*** Add File: b.ts\n+new\n*** Delete File: c.ts\n*** End Patch"})"));
    REQUIRE(patch.size() == 3);
    CHECK(patch[0].file == "src/a.ts");
    CHECK(text_of(patch[0].lines) == "@@@ fn\n-1\n+2\n 3\n");
    CHECK(patch[1].what == "new file");
    CHECK(patch[2].what == "deleted");

    const auto by_shell = edits_of(event_of(
        "tool_called",
        R"({"name":"shell","arguments":"{\"command\":[\"bash\",\"-lc\",\"apply_patch <<'EOF'\\n*** Begin Patch\\n*** Add File: x\\n+y\\n*** End Patch\\nEOF\"]}"})"));
    REQUIRE(by_shell.size() == 1);
    CHECK(by_shell[0].file == "x");

    const auto changes = edits_of(event_of(
        "tool_called",
        R"({"tool":"patch","args":{"changes":{"a":{"type":"update","unified_diff":"@@ -1 +1 @@\n-x\n+y\n"}}}})"));
    REQUIRE(changes.size() == 1);
    CHECK(text_of(changes[0].lines) == "@@@ -1 +1 @@\n-x\n+y\n");
  }

  TEST_CASE("what a result says that was changed") {
    const auto made = edits_of(event_of(
        "tool_result",
        R"({"content":"ok","toolUseResult":{"filePath":"a","structuredPatch":[{"oldStart":3,"oldLines":1,"newStart":3,"newLines":1,"lines":["-x","+y"]}]}})"));
    REQUIRE(made.size() == 1);
    CHECK(text_of(made[0].lines) == "@@@ -3,1 +3,1 @@\n-x\n+y\n");
  }

  TEST_CASE("other calls edit nothing") {
    CHECK(edits_of(event_of("tool_called", R"({"name":"Bash","input":{"command":"ls"}})")).empty());
    CHECK(
        edits_of(event_of("tool_called", R"({"name":"Read","input":{"file_path":"a"}})")).empty());
    CHECK(edits_of(event_of("tool_called", R"("text")")).empty());
    CHECK(edits_of(event_of("tool_called", R"({"args":{"edits":[1,2],"changes":[]}})")).empty());
  }
}

}  // namespace agentstore::formats
