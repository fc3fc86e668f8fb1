#include "agentstore/analysis/title.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "agentstore/json.hpp"
#include "support/events.hpp"

namespace agentstore {
namespace {

std::string title_of(const std::vector<Draft>& drafts) {
  Store store = Store::in_memory();
  REQUIRE(store.create_session({.id = "s"}));
  for (const Draft& draft : drafts) REQUIRE(store.append("s", draft));
  auto reader = store.read("s");
  REQUIRE(reader);
  return find_title(**reader);
}

Draft said(std::string_view words) {
  return {.type = "user_message", .payload = R"({"content":)" + json::quote(words) + "}"};
}

}  // namespace

TEST_SUITE("titles") {
  TEST_CASE("the first line with words of the first message that has some") {
    CHECK(title_of({said("  \n\t Find flights \nto Oslo"), said("Thanks")}) == "Find flights");
    CHECK(title_of({{.type = "tool_called"}, said(""), said("Book it")}) == "Book it");
    CHECK(title_of({{.type = "message_received", .payload = R"({"text":"hi"})"}}) == "hi");
    CHECK(title_of({{.type = "tool_called"}}).empty());
    CHECK(title_of({}).empty());
  }

  TEST_CASE("a title that the agent recorded wins, also behind the message") {
    const Draft named{.type = "custom", .payload = R"({"aiTitle":"Flights to Oslo"})"};
    CHECK(title_of({said("Find flights"), named}) == "Flights to Oslo");
    const Draft unnamed{.type = "custom", .payload = R"({"aiTitle":""})"};
    CHECK(title_of({said("Find flights"), unnamed}) == "Find flights");
  }

  TEST_CASE("a long one is cut between characters, and says so") {
    std::string words;
    std::string kept;
    for (std::size_t i = 0; i < title_code_points_max; ++i) kept += "é";
    words = kept + "é";
    CHECK(title_of({said(kept)}) == kept);
    CHECK(title_of({said(words)}) == kept + "…");
  }

  TEST_CASE("it is looked for among the first events alone") {
    std::vector<Draft> drafts(title_events_max, Draft{.type = "tool_called"});
    drafts.back() = said("in time");
    CHECK(title_of(drafts) == "in time");
    drafts.insert(drafts.begin(), Draft{.type = "tool_called"});
    CHECK(title_of(drafts).empty());
  }

  TEST_CASE("a redacted message gives none") {
    Store store = Store::in_memory();
    REQUIRE(store.create_session({.id = "s"}));
    REQUIRE(store.append("s", said("a secret")));
    REQUIRE(store.append("s", said("in the open")));
    REQUIRE(store.redact("s", 1, "asked to"));
    auto reader = store.read("s");
    REQUIRE(reader);
    CHECK(find_title(**reader) == "in the open");
  }
}

}  // namespace agentstore
