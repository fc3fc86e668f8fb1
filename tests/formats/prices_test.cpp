#include "formats/prices.hpp"

#include <doctest/doctest.h>

#include "event.hpp"

namespace agentstore::formats {
namespace {

Totals totals_of(const std::string& metadata, const Prices& prices = Prices::standard()) {
  const EventView event = event_of("llm_response", "{}", metadata);
  Totals totals;
  REQUIRE(totals.add(event, usage_of(event), prices));
  return totals;
}

TEST_SUITE("prices") {
  TEST_CASE("costs are computed to the last digit, each kind of token at its price") {
    const auto prices = Prices::parse(
        R"({"usd_per_million_tokens":{"m":{"in":3,"out":15,"cache_read":0.3,"cache_write":3.75,"cache_write_1h":6}}})");
    REQUIRE(prices);
    const Totals totals = totals_of(
        R"({"model":"m-20250929","tokens_in":1000011,"tokens_out":7,"tokens_cache_read":1000000,"tokens_cache_write":10,"tokens_cache_write_1h":4})",
        *prices);
    CHECK(totals.cost_computed_usd->to_string() == "0.3001545");  // 1*3 + 7*15 + 6*3.75 + 4*6
    CHECK(totals.events_without_cost == 0);
    CHECK(totals.unpriced.empty());
  }

  TEST_CASE("a name fits whole, or up to a date: nothing else is guessed") {
    const Prices& prices = Prices::standard();
    CHECK(prices.find("gpt-5") != nullptr);
    CHECK(prices.find("gpt-5-2025-08-07") == prices.find("gpt-5"));
    CHECK(prices.find("claude-sonnet-4-5-20250929") == prices.find("claude-sonnet-4-5"));
    CHECK(prices.find("gpt-5-tiny") == nullptr);
    CHECK(prices.find("<synthetic>") == nullptr);
    CHECK_FALSE(prices.date().empty());
    CHECK_FALSE(prices.source().empty());
  }

  TEST_CASE("what has a cost, or no price, is left as it is") {
    const Totals recorded = totals_of(R"({"model":"gpt-5","tokens_in":5,"cost_usd":0.5})");
    CHECK_FALSE(recorded.cost_computed_usd);
    CHECK(recorded.cost_usd->to_string() == "0.5");
    const Totals unknown = totals_of(R"({"model":"no-such","tokens_in":5})");
    CHECK_FALSE(unknown.cost_computed_usd);
    CHECK(unknown.events_without_cost == 1);
  }

  TEST_CASE("a table that is none is refused, naming what is wrong") {
    for (const char* const json : {"", "[]", "{}", R"({"usd_per_million_tokens":[]})",
                                   R"({"usd_per_million_tokens":{"m":{"in":1}}})",
                                   R"({"usd_per_million_tokens":{"m":{"in":-1,"out":2}}})",
                                   R"({"usd_per_million_tokens":{"m":1}})"}) {
      CAPTURE(json);
      const auto prices = Prices::parse(json);
      REQUIRE_FALSE(prices);
      CHECK(prices.error().code == Code::invalid);
    }
  }
}

}  // namespace
}  // namespace agentstore::formats
