#include "agentstore/analysis/kinds.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string_view>

#include "agentstore/event.hpp"

namespace agentstore {

TEST_SUITE("kinds") {
  TEST_CASE("a type stands in the table once, and is of the kind that it says") {
    std::set<std::string_view> seen;
    for (const KnownType& known : known_types()) {
      CAPTURE(known.type);
      CHECK(seen.insert(known.type).second);
      CHECK(kind_of_type(known.type) == known.kind);
    }
  }

  TEST_CASE("a kind has a word") {
    CHECK(kind_name(EventKind::message) == "message");
    CHECK(kind_name(EventKind::other) == "other");
    CHECK(kind_name(kind_of_type("BetPlaced")) == "entry");
  }

  TEST_CASE("the nine types of the Go library are in it") {
    CHECK(kind_of_type(user_message) == EventKind::message);
    CHECK(kind_of_type(plan_created) == EventKind::plan);
    CHECK(kind_of_type(tool_called) == EventKind::call);
    CHECK(kind_of_type(tool_result) == EventKind::result);
    CHECK(kind_of_type(llm_request) == EventKind::request);
    CHECK(kind_of_type(llm_response) == EventKind::answer);
    CHECK(kind_of_type(state_updated) == EventKind::state);
    CHECK(kind_of_type(error_event) == EventKind::error);
    CHECK(kind_of_type(custom_event) == EventKind::other);
  }

  TEST_CASE("any other type, however near, is of none") {
    for (const std::string_view type :
         {"", "Tool_called", "tool_calle", "tool_called ", "tool.call"})
      CHECK(kind_of_type(type) == EventKind::other);
  }
}

}  // namespace agentstore
