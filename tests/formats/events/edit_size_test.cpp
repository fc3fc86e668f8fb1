#include "formats/events/edit_size.hpp"

#include <doctest/doctest.h>

#include "formats/event.hpp"

using namespace agentstore;
using namespace agentstore::formats;

TEST_SUITE_BEGIN("edit_size");

namespace {

std::string size(std::string_view arguments) {
  const std::string payload = R"({"name":"Edit","input":)" + std::string{arguments} + "}";
  const auto found = edit_size_of(event_of("tool_called", payload));
  return found ? edit_text(*found) : "none";
}

}  // namespace

TEST_CASE("an edit's size is that of its difference") {
  CHECK(size(R"({"old_string":"a\nb\nc","new_string":"a\nB\nc"})") == "+1 −1");
  CHECK(size(R"({"old_string":"a","new_string":"a\nb"})") == "+1");
  CHECK(size(R"({"old_string":"a\nb\nc\nd","new_string":"a\nd"})") == "−2");
  CHECK(size(R"({"old_string":"a\nx\nb\ny","new_string":"x\nq\ny\nz"})") == "+2 −2");
  CHECK(size(R"({"old_string":"a","new_string":"a"})") == "+0");
  CHECK(
      size(
          R"({"edits":[{"old_string":"a","new_string":"b"},{"old_string":"","new_string":"c"}]})") ==
      "+2 −1");
}

TEST_CASE("a file that is written adds its lines; a patch says its own") {
  CHECK(size(R"({"file_path":"/a","content":"1\n2\n"})") == "+2");
  CHECK(size(R"({"input":"*** Begin Patch\n*** Update File: a\n-x\n+y\n+z\n*** End Patch"})") ==
        "+2 −1");
  CHECK(size(R"({"command":"ls"})") == "none");
}

TEST_SUITE_END();
