#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "agentstore/json.hpp"
#include "agentstore/projection.hpp"
#include "support/events.hpp"

namespace agentstore {
namespace {

constexpr auto event = [](auto... values) { return test::event_view(values...); };

// Whether two JSON texts have the same value: members in any order, numbers as doubles.
bool same_value(std::string_view left, std::string_view right) {
  using json::Kind;
  const Kind kind = json::kind_of(left);
  if (kind != json::kind_of(right)) return false;
  if (kind == Kind::number) {
    return std::strtod(std::string{left}.c_str(), nullptr) ==
           std::strtod(std::string{right}.c_str(), nullptr);
  }
  if (kind == Kind::string) return json::text_of(left) == json::text_of(right);
  if (kind != Kind::array && kind != Kind::object) return left == right;
  json::Walk one{left};
  json::Walk two{right};
  while (one.next()) {
    if (!two.next()) return false;
    const auto other =
        kind == Kind::array ? two.value() : json::find(right, json::text_of(one.key()));
    if (!other || !same_value(one.value(), *other)) return false;
  }
  return !two.next();
}

}  // namespace

TEST_SUITE_BEGIN("session projection");

TEST_CASE("the state of no events is the Go library's zero state") {
  CHECK(make_session_projection("s")->to_json() ==
        R"({"session_id":"s","version":0,"data":{},"last_event_at":"0001-01-01T00:00:00Z",)"
        R"("event_count":0,"tokens":{"in":0,"out":0,"cost_usd":0},"tool_calls":0,"errors":0})");
}

TEST_CASE("data holds the latest payload of each type; tokens are those of the model's events") {
  auto projection = make_session_projection("s");
  REQUIRE(projection->apply(event(1, "user_message", R"({"a":1})", R"({"tokens_in":1000})")));
  REQUIRE(projection->apply(
      event(2, "llm_request", "1", R"({"tokens_in":10,"tokens_out":1,"cost_usd":0.1})")));
  REQUIRE(projection->apply(
      event(3, "llm_response", "[9007199254740993]", R"({"tokens_out":5,"cost_usd":0.2})")));
  REQUIRE(projection->apply(event(4, "tool_called", "{}")));
  REQUIRE(projection->apply(event(5, "tool_called", "null")));
  REQUIRE(projection->apply(event(6, "error", "{}")));
  REQUIRE(projection->apply(event(7, "user_message", R"({"a":2})")));
  const std::string state = projection->to_json();
  CHECK(state ==
        R"({"session_id":"s","version":7,"data":{"error":{},"llm_request":1,)"
        R"("llm_response":[9007199254740993],"tool_called":null,"user_message":{"a":2}},)"
        R"("last_event_at":"2026-03-07T12:00:00.000000007Z","event_count":7,)"
        R"("tokens":{"in":10,"out":6,"cost_usd":0.30000000000000004},"tool_calls":2,"errors":1})");

  auto restored = make_session_projection("s");
  REQUIRE(restored->from_json(state));
  CHECK(restored->to_json() == state);
  REQUIRE(restored->apply(event(8, "error", "0")));
  REQUIRE(projection->apply(event(8, "error", "0")));
  CHECK(restored->to_json() == projection->to_json());
}

TEST_CASE("a redacted payload is missed while it is the latest of its type") {
  auto projection = make_session_projection("s");
  const auto redacted = [](std::uint64_t number, std::string_view type) {
    EventView gone = event(number, type, "null");
    gone.redacted_by = 9;
    return gone;
  };
  REQUIRE(projection->apply(redacted(1, "user_message")));
  REQUIRE(projection->apply(redacted(2, "plan_created")));
  REQUIRE(projection->apply(redacted(3, "user_message")));
  REQUIRE(projection->notes().size() == 2);
  CHECK(projection->notes()[0].sequence_number == 2);
  CHECK(projection->notes()[1].sequence_number == 3);
  CHECK(projection->notes()[1].kind == FoldNote::Kind::incomplete);
  CHECK(projection->notes()[1].message == "the latest payload of user_message was redacted");
  REQUIRE(projection->apply(event(4, "user_message", "{}")));
  REQUIRE(projection->notes().size() == 1);
  CHECK(projection->notes()[0].sequence_number == 2);
}

TEST_CASE("a state that is none is corrupt, and changes nothing") {
  auto projection = make_session_projection("s");
  REQUIRE(projection->apply(event(1, "error", "{}")));
  const std::string before = projection->to_json();
  for (const char* const bad :
       {"{}", "[]", "1", R"({"session_id":"s"})",
        R"({"session_id":"t","version":0,"data":{},"last_event_at":"0001-01-01T00:00:00Z",)"
        R"("event_count":0,"tokens":{"in":0,"out":0,"cost_usd":0},"tool_calls":0,"errors":0})",
        R"({"session_id":"s","version":0,"data":{},"last_event_at":"never",)"
        R"("event_count":0,"tokens":{"in":0,"out":0,"cost_usd":0},"tool_calls":0,"errors":0})",
        R"({"session_id":"s","version":"0","data":{},"last_event_at":"0001-01-01T00:00:00Z",)"
        R"("event_count":0,"tokens":{"in":0,"out":0,"cost_usd":0},"tool_calls":0,"errors":0})"}) {
    CAPTURE(bad);
    const auto refused = projection->from_json(bad);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::corrupt);
    CHECK(projection->to_json() == before);
  }
}

TEST_CASE("sums that overflow are refused and name the event; the state stays JSON") {
  auto tokens = make_session_projection("s");
  REQUIRE(tokens->apply(event(1, "llm_request", "{}", R"({"tokens_in":9223372036854775807})")));
  const auto over = tokens->apply(event(2, "llm_request", "{}", R"({"tokens_in":1})"));
  REQUIRE_FALSE(over);
  CHECK(over.error().code == Code::overflow);
  CHECK(over.error().message.find("#2") != std::string::npos);

  auto cost = make_session_projection("s");
  REQUIRE(cost->apply(event(1, "llm_response", "{}", R"({"cost_usd":1.7e308})")));
  (void)cost->apply(event(2, "llm_response", "{}", R"({"cost_usd":1.7e308})"));
  CHECK_FALSE(json::check(cost->to_json(), json::rules_to_read));
}

TEST_SUITE_END();

TEST_SUITE_BEGIN("corpus");

TEST_CASE("states equal those of the Go library, field by field, numbers by value" *
          doctest::skip(test::corpus().empty())) {
  auto store = Store::open(test::corpus() / "go-library", {.create = false});
  REQUIRE(store);
  int seen = 0;
  for (const auto& file :
       std::filesystem::directory_iterator{test::corpus() / "go-library-states"}) {
    const std::string name = file.path().filename();
    const std::string id = name.substr(0, name.find(".state.json"));
    CAPTURE(id);
    const std::string expected = json::compact(test::read_text(file.path()));
    const auto state = store->state(id);
    REQUIRE(state);
    CAPTURE(state->json);
    CAPTURE(expected);
    CHECK(same_value(state->json, expected));
    CHECK(same_value(expected, state->json));
    ++seen;
  }
  CHECK(seen == 5);
}

TEST_SUITE_END();

}  // namespace agentstore
