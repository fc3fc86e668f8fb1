#include "agentstore/analysis/stats.hpp"

#include <doctest/doctest.h>

namespace agentstore {
namespace {

EventView event(std::string_view type, std::string_view metadata, std::string_view payload = "{}",
                std::int64_t second = 0) {
  return {.session_id = "s",
          .sequence_number = 1,
          .type = type,
          .timestamp = {second, 0},
          .metadata = metadata,
          .payload = payload,
          .event_id = {},
          .hash = {},
          .line = {}};
}

}  // namespace

TEST_SUITE_BEGIN("stats");

TEST_CASE("no events come to nothing, and what nobody counted is absent") {
  const Totals totals;
  CHECK(totals.events == 0);
  CHECK_FALSE(totals.cost_usd);
  CHECK_FALSE(totals.tokens_cache_read);
  CHECK_FALSE(totals.first_event_at);
  CHECK_FALSE(totals.duration_ms());
}

TEST_CASE("tokens and cost are those of the model's events, to the last digit") {
  Totals totals;
  REQUIRE(totals.add(event("llm_request", R"({"tokens_in":10,"cost_usd":0.1})")));
  REQUIRE(totals.add(event("llm_response", R"({"tokens_out":5,"cost_usd":0.2})")));
  REQUIRE(totals.add(event("llm_response", R"({"tokens_out":7,"tokens_cache_read":3})")));
  REQUIRE(totals.add(event("llm_response", "{}")));
  REQUIRE(totals.add(event("tool_result", R"({"tokens_in":1000,"cost_usd":5})")));
  REQUIRE(totals.add(event("tool_called", "{}")));
  REQUIRE(totals.add(event("error", "{}")));
  CHECK(totals.events == 7);
  CHECK(totals.by_type.at("llm_response") == 3);
  CHECK(totals.tokens_in == 10);
  CHECK(totals.tokens_out == 12);
  CHECK(totals.tokens_cache_read == 3);
  CHECK_FALSE(totals.tokens_cache_write);
  CHECK(totals.cost_usd->to_string() == "0.3");
  CHECK(totals.events_without_cost == 1);
  CHECK(totals.other_events_with_tokens == 1);
  CHECK(totals.tool_calls == 1);
  CHECK(totals.errors == 1);
}

TEST_CASE("parts merge to what the whole comes to") {
  Totals whole;
  Totals one;
  Totals two;
  for (int i = 0; i < 40; ++i) {
    const std::string metadata = R"({"tokens_in":)" + std::to_string(i) + R"(,"cost_usd":0.0)" +
                                 std::to_string(i) + R"(,"tokens_reasoning":1})";
    const auto each =
        event(i % 3 == 0 ? "llm_response" : "llm_request", metadata, "{}", i * 7 % 40);
    REQUIRE(whole.add(each));
    REQUIRE((i < 13 ? one : two).add(each));
  }
  REQUIRE(one.merge(two));
  CHECK(one.events == whole.events);
  CHECK(one.by_type == whole.by_type);
  CHECK(one.tokens_in == whole.tokens_in);
  CHECK(one.tokens_reasoning == whole.tokens_reasoning);
  CHECK(one.cost_usd == whole.cost_usd);
  CHECK(one.first_event_at == whole.first_event_at);
  CHECK(one.last_event_at == whole.last_event_at);
  CHECK(one.duration_ms() == 39'000);
  Totals empty;
  REQUIRE(empty.merge(one));
  CHECK(empty.cost_usd == whole.cost_usd);
  REQUIRE(one.merge(Totals{}));
  CHECK(one.last_event_at == whole.last_event_at);
}

TEST_CASE("times that run backwards give the earliest and the latest") {
  Totals totals;
  for (const std::int64_t second : {50, 10, 30})
    REQUIRE(totals.add(event("x", "{}", "{}", second)));
  CHECK(totals.first_event_at == Timestamp{10, 0});
  CHECK(totals.last_event_at == Timestamp{50, 0});
  CHECK(totals.duration_ms() == 40'000);
}

TEST_CASE("a sum that overflows is refused, and names the event") {
  Totals totals;
  REQUIRE(totals.add(event("llm_request", R"({"tokens_in":9223372036854775807})")));
  const auto over = totals.add(event("llm_request", R"({"tokens_in":1})"));
  REQUIRE_FALSE(over);
  CHECK(over.error().code == Code::overflow);
  CHECK(over.error().message.find("#1 of session s") != std::string::npos);
  Totals costs;
  REQUIRE(costs.add(event("llm_request", R"({"cost_usd":1e300})")));
  CHECK(costs.add(event("llm_request", R"({"cost_usd":1e-5})")).error().code == Code::overflow);
}

TEST_CASE("a tool result says in one of four ways that it failed") {
  for (const char* const payload :
       {R"({"error":"timeout"})", R"({"error":{"code":1}})", R"({"error":true})",
        R"({"error":0.5})", R"({"is_error":true})", R"({"exit_code":1})", R"({"exit_code":-1})"}) {
    CAPTURE(payload);
    CHECK(is_tool_error(event("tool_result", "{}", payload)));
    CHECK_FALSE(is_tool_error(event("tool_called", "{}", payload)));
  }
  for (const char* const payload :
       {"{}", "null", "[]", "\"error\"", R"({"error":null})", R"({"error":false})",
        R"({"error":""})", R"({"is_error":false})", R"({"exit_code":0})", R"({"exit_code":null})",
        R"({"result":{"error":"x"}})"}) {
    CAPTURE(payload);
    CHECK_FALSE(is_tool_error(event("tool_result", "{}", payload)));
  }
  CHECK(is_tool_error(event("tool_result", R"({"extra":{"is_error":"true"}})")));
  CHECK_FALSE(is_tool_error(event("tool_result", R"({"extra":{"is_error":"false"}})")));
}

TEST_CASE("a count is a whole number, however it is written") {
  CHECK(count_of_token("12") == 12);
  CHECK(count_of_token("10.0") == 10);
  CHECK(count_of_token("1e2") == 100);
  CHECK(count_of_token("-5") == -5);
  for (const char* const token : {"1.5", "\"100\"", "null", "true", "1e30", "1e-1", "[]", ""}) {
    CAPTURE(token);
    CHECK_FALSE(count_of_token(token));
  }
}

TEST_CASE("usage that cannot be read is named, and nothing else is") {
  Totals totals;
  for (const char* const metadata :
       {R"({"tokens_in":1,"tokens_out":2,"tokens_cache_read":null,"cost_usd":null})",
        R"({"tokens_in":10.0})", R"({"model":"m"})", R"({"extra":{"request_id":"unread"}})"})
    REQUIRE(totals.add(event("llm_response", metadata)));
  REQUIRE(totals.add(event("tool_result", R"({"tokens_in":"x"})")));
  CHECK(totals.unread_usage_count == 0);
  CHECK(totals.tokens_in == 11);
  for (const char* const metadata :
       {R"({"tokens_in":"100"})", R"({"tokens_out":null})", R"({"tokens_in":-5})",
        R"({"tokens_cache_read":1.5})", R"({"cost_usd":"0.5"})",
        R"({"extra":{"unread":"usage: x"}})"}) {
    CAPTURE(metadata);
    Totals one;
    REQUIRE(one.add(event("llm_response", metadata)));
    CHECK(one.unread_usage_count == 1);
    REQUIRE(totals.merge(one));
  }
  REQUIRE(totals.unread_usage.size() == 6);
  CHECK(totals.unread_usage[0].why == "usage: tokens_in is \"100\", which is not a count");
  CHECK(totals.unread_usage[5].why == "usage: x");
}

TEST_CASE("totals by type come back from their bytes, and from nothing less or more") {
  TotalsByType totals;
  for (const auto& one :
       {event("llm_request", R"({"tokens_in":-3,"cost_usd":-0.00000000000000000000125})"),
        event("llm_response",
              "{\"tokens_out\":5,\"tokens_cache_read\":0,\"model\":\"m\\u0000\xff\"}"),
        event("llm_response", R"({"tokens_cache_write":7,"tokens_cache_write_1h":2})", "{}", -9),
        event("tool_called", "{}"), event("tool_result", R"({"tokens_in":1})", R"({"error":"x"})"),
        event("llm_response", R"({"tokens_out":"5"})"), event("error", R"({"tokens_reasoning":1})"),
        event("", "{}")})
    REQUIRE(totals[std::string{one.type}].add(one));
  totals["llm_response"].cost_computed_usd = Decimal::from_integer(12);
  const std::string bytes = to_bytes(totals);
  const auto same = totals_from_bytes(bytes);
  REQUIRE(same);
  CHECK(to_bytes(*same) == bytes);
  CHECK(same->at("llm_request").cost_usd->to_string() == "-0.00000000000000000000125");
  CHECK(same->at("llm_response").unpriced == totals["llm_response"].unpriced);
  CHECK(same->at("llm_response").unpriced.at("no model is named") == 1);
  CHECK(same->at("llm_response").tokens_cache_read == 0);
  CHECK(same->at("llm_response").unread_usage_count == 1);
  CHECK(same->at("llm_response").unread_usage.at(0).session_id == "s");
  CHECK_FALSE(same->at("llm_request").tokens_cache_read);
  CHECK(same->at("llm_response").first_event_at == Timestamp{-9, 0});
  CHECK(same->at("tool_result").tool_errors == 1);
  CHECK(same->at("error").other_events_with_tokens == 1);
  CHECK(same->at("").by_type.at("") == 1);
  CHECK(totals_from_bytes(to_bytes({}))->empty());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(totals_from_bytes(bytes.substr(0, size)));
  }
  CHECK_FALSE(totals_from_bytes(bytes + '\0'));
}

TEST_CASE("bytes that are no totals are refused, or are some") {
  TotalsByType totals;
  REQUIRE(totals["llm_request"].add(event("llm_request", R"({"tokens_in":3,"cost_usd":0.5})")));
  const std::string good = to_bytes(totals);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    CAPTURE(bit);
    std::string bytes = good;
    bytes[bit / 8] ^= static_cast<char>(1U << (bit % 8));
    const auto read = totals_from_bytes(bytes);
    if (read) CHECK(to_bytes(*read).size() == bytes.size());
  }
}

TEST_SUITE_END();

}  // namespace agentstore
