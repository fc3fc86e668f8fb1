#include "replay/dependents.hpp"

#include <doctest/doctest.h>

#include <string>

#include "support/events.hpp"

namespace agentstore {
namespace {

using test::event_view;

std::string how(const Dependents& dependents, std::string_view type, std::string_view payload,
                std::string_view metadata = "{}") {
  const auto link = dependents.link_of(event_view(9, type, payload, metadata));
  return link ? link->how : "";
}

}  // namespace

TEST_SUITE("dependents") {
  TEST_CASE("where nothing was left out, nothing depends on it") {
    CHECK(how({}, "tool_result", R"({"tool_use_id":"c"})", R"({"causation_id":"e3"})").empty());
  }

  TEST_CASE("an event hangs on its cause by the cause's event id") {
    Dependents dependents;
    EventView dropped = event_view(3, "note", "{}");
    dropped.event_id = "e3";
    dependents.leave_out(dropped);
    CHECK(how(dependents, "note", "{}", R"({"causation_id":"e3"})") ==
          "was caused by a dropped event (e3 of #3)");
    CHECK(how(dependents, "note", "{}", R"({"causation_id":"e4"})").empty());
    CHECK(how(dependents, "note", R"({"causation_id":"e3"})").empty());
  }

  TEST_CASE("an answer hangs on its call, under whatever name the id stands") {
    for (const char* const name : {"tool_call_id", "tool_use_id", "call_id", "toolCallId", "id"}) {
      CAPTURE(name);
      Dependents dependents;
      const std::string payload = std::string{"{\""} + name + R"(":"c-1"})";
      dependents.leave_out(event_view(4, "tool_called", payload));
      CHECK(how(dependents, "tool_result", payload) == "answers a dropped call (c-1 of #4)");
      CHECK(how(dependents, "tool_result", "{}", R"({"extra":{"tool_use_id":"c-1"}})") ==
            "answers a dropped call (c-1 of #4)");
      CHECK(how(dependents, "tool_called", payload).empty());  // Another call is no answer.
    }
    Dependents dependents;
    dependents.leave_out(event_view(4, "tool_called", R"({"id":"7"})"));
    CHECK(how(dependents, "user_message", R"({"id":"7"})").empty());  // Its own id, not a call's.
  }

  TEST_CASE(
      "of several sessions a cause is looked for in its own first; calls and bets stay there") {
    const auto of = [](std::string_view session, std::string_view id, std::string_view payload) {
      EventView event = event_view(3, "BetPlaced", payload);
      event.session_id = session;
      event.event_id = id;
      return event;
    };
    Dependents dependents{[](std::uint64_t number) { return "s#" + std::to_string(number); }};
    dependents.keep(of("b", "e1", R"({"bet_id":"x"})"));
    dependents.leave_out(of("a", "e1", R"({"bet_id":"x"})"));
    dependents.leave_out(of("a", "e2", "{}"));
    const auto how_of = [&](std::string_view session, std::string_view payload,
                            std::string_view metadata) {
      EventView event = event_view(9, "BetWon", payload, metadata);
      event.session_id = session;
      const auto link = dependents.link_of(event);
      return link ? link->how : "";
    };
    CHECK(how_of("a", "{}", R"({"causation_id":"e1"})") ==
          "was caused by a dropped event (e1 of s#3)");
    CHECK(how_of("b", "{}", R"({"causation_id":"e1"})").empty());
    CHECK(how_of("c", "{}", R"({"causation_id":"e1"})") ==
          "was caused by a dropped event (e1 of s#3)");
    CHECK(how_of("b", "{}", R"({"causation_id":"e2"})") ==
          "was caused by a dropped event (e2 of s#3)");
    CHECK(how_of("a", R"({"bet_id":"x"})", "{}") == "belongs to a dropped bet (x of s#3)");
    CHECK(how_of("b", R"({"bet_id":"x"})", "{}").empty());
  }

  TEST_CASE("a bet takes what belongs to it along; a settlement takes nothing") {
    Dependents dependents;
    dependents.leave_out(event_view(5, "BetWon", R"({"bet_id":"b"})"));
    CHECK(how(dependents, "FeeCharged", R"({"bet_id":"b"})").empty());
    dependents.leave_out(event_view(6, "BetPlaced", R"({"bet_id":"b"})"));
    CHECK(how(dependents, "BetWon", R"({"bet_id":"b"})") == "belongs to a dropped bet (b of #6)");
    CHECK(how(dependents, "note", "{}", R"({"causation_id":"b"})") ==
          "was caused by a dropped event (b of #6)");
  }
}

}  // namespace agentstore
