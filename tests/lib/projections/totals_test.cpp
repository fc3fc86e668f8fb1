#include <doctest/doctest.h>

#include <string>

#include "agentstore/json.hpp"
#include "agentstore/projection.hpp"

namespace agentstore {
namespace {

EventView response(std::uint64_t number, std::string_view metadata) {
  EventView event;
  event.sequence_number = number;
  event.type = "llm_response";
  event.session_id = "s";
  event.timestamp = Timestamp{static_cast<std::int64_t>(number), 0};
  event.payload = "{}";
  event.metadata = metadata;
  return event;
}

}  // namespace

TEST_SUITE("the projection totals") {
  TEST_CASE("it says what stats says, and counts a response that is told of twice once") {
    const auto projection = projection_named("totals").value()("s");
    const std::string_view told =
        R"({"tokens_in":10,"tokens_out":2,"cost_usd":0.5,"extra":{"response":"r1"}})";
    REQUIRE(projection->apply(response(1, told)));
    REQUIRE(projection->apply(response(3, told)));
    const std::string state = projection->to_json();
    CHECK(json::find(state, "events") == "2");
    CHECK(json::find(state, "by_type") == R"({"llm_response":2})");
    CHECK(json::find(state, "tokens_in") == "10");
    CHECK(json::find(state, "cost_total_usd") == "0.5");
    CHECK(json::find(state, "duration_ms") == "2000");
  }

  TEST_CASE("a state that was saved is shown, and is not folded on") {
    const auto projection = projection_named("totals").value()("s");
    CHECK_FALSE(projection->goes_on_from_json());
    const std::string empty = projection->to_json();
    CHECK(json::find(empty, "events") == "0");
    CHECK(json::find(empty, "first_event_at") == "null");
    REQUIRE(projection->from_json(empty));
    CHECK(projection->to_json() == empty);
    CHECK_FALSE(projection->from_json("[]"));
  }
}

}  // namespace agentstore
