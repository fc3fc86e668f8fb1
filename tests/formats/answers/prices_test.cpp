#include "formats/answers/prices.hpp"

#include <doctest/doctest.h>

#include "formats/event.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

constexpr const char* autumn = "2026-10-01T00:00:00Z";

EventView response(const std::string& metadata, const char* at) {
  EventView event = event_of("llm_response", "{}", metadata);
  event.timestamp = parse_rfc3339(at).value();
  return event;
}

Totals totals_of(const std::string& metadata, const Prices& prices = Prices::standard()) {
  const EventView event = event_of("llm_response", "{}", metadata);
  Totals totals;
  REQUIRE(totals.add(event, usage_of(event), prices));
  return totals;
}

/// What it cost; else why that is not known.
std::string cost(const std::string& metadata, const char* at = autumn,
                 const Prices& prices = Prices::standard()) {
  const EventView event = response(metadata, at);
  const ResponseCost cost = prices.cost_of(usage_of(event), event.timestamp);
  return cost.usd ? cost.usd->to_string() : cost.why;
}

std::string of_model(const std::string& model, const std::string& more) {
  return R"({"model":")" + model + R"(",)" + more + "}";
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

  TEST_CASE("what vendors say of tiers, modes, regions, searches and dates is what counts") {
    struct Known {
      const char* model;
      const char* use;
      const char* at;
      const char* usd;
    };
    for (
        const auto& [model, use, at, usd] :
        {Known{"gpt-5.4", R"("tokens_in":300000,"tokens_out":10000)", autumn, "1.725"},
         {"gpt-5.4", R"("tokens_in":272000,"tokens_out":10000)", autumn, "0.83"},
         {"gpt-5.4", R"("tokens_in":100000,"extra":{"service_tier":"priority"})", autumn, "0.5"},
         {"claude-sonnet-4-5", R"("tokens_in":300000,"tokens_out":10000)", autumn, "2.025"},
         {"claude-sonnet-4-5", R"("tokens_in":200000)", autumn, "0.6"},
         {"claude-opus-4-6", R"("tokens_in":1000000,"tokens_out":1000000,"extra":{"speed":"fast"})",
          autumn, "180"},
         {"claude-opus-4-6", R"("tokens_in":1000000,"extra":{"inference_geo":"us"})", autumn,
          "5.5"},
         {"claude-opus-4-6", R"("tokens_in":1000000,"extra":{"inference_geo":"us","speed":"fast"})",
          autumn, "33"},
         {"claude-opus-4-6",
          R"("tokens_in":2000000,"tokens_cache_write":2000000,"tokens_cache_write_1h":1000000)",
          autumn, "16.25"},
         {"claude-opus-4-6", R"("tokens_in":0,"extra":{"web_searches":"2"})", autumn, "0.02"},
         {"claude-opus-4-6", R"("tokens_in":1000,"extra":{"service_tier":"batch"})", autumn,
          "0.0025"},
         {"claude-opus-4-6", R"("tokens_in":1000,"extra":{"service_tier":"standard","speed":null})",
          autumn, "0.005"},
         {"gpt-4o-2024-05-13", R"("tokens_in":1000000,"tokens_out":1000000)", autumn, "20"},
         {"gpt-4o-2024-08-06", R"("tokens_in":1000000,"tokens_out":1000000)", autumn, "12.5"},
         {"claude-haiku-5-5", R"("tokens_in":100001,"tokens_cache_read":100000)", autumn,
          "0.0050005"},
         {"claude-sonnet-5-5", R"("tokens_in":1000000,"tokens_cache_read":1000000)",
          "2026-10-06T23:59:59Z", "0.2"},
         {"claude-sonnet-5-5", R"("tokens_in":1000000,"tokens_cache_read":1000000)",
          "2026-10-07T00:00:00Z", "0.1"},
         {"gpt-5.6-luna", R"("tokens_in":100000)", "2026-07-29T12:00:00Z", "0.1"},
         {"gpt-5.6-luna", R"("tokens_in":100000)", "2026-07-30T12:00:00Z", "0.02"},
         {"gpt-5.6-sol",
          R"("tokens_in":1000000,"tokens_out":100000,"tokens_cache_read":400000,"tokens_cache_write":500000,"extra":{"prompt_tokens_max":"272000"})",
          "2026-09-10T00:00:00Z", "5.06"}}) {
      CAPTURE(model);
      CAPTURE(use);
      CHECK(cost(of_model(model, use), at) == usd);
    }
  }

  TEST_CASE("what a table cannot price is not known, and says why") {
    CHECK(cost(of_model("claude-opus-4-9", R"("tokens_in":5)")) ==
          "no price for the model \"claude-opus-4-9\"");
    CHECK(cost(R"({"tokens_in":5})") == "no model is named");
    CHECK(cost(of_model("gpt-5", R"("tokens_in":5,"extra":{"speed":"fast"})")) ==
          "no price for speed \"fast\" of the model \"gpt-5\"");
    CHECK(cost(of_model("claude-opus-4-6", R"("tokens_in":5,"extra":{"service_tier":"gold"})")) ==
          "no price for service_tier \"gold\" of the model \"claude-opus-4-6\"");
    CHECK(cost(of_model("gpt-5.4", R"("tokens_in":300000,"extra":{"service_tier":"priority"})")) ==
          "no price for service_tier \"priority\" of the model \"gpt-5.4\"");
    CHECK(cost(of_model("gpt-5", R"("tokens_in":5,"extra":{"web_searches":"1"})")) ==
          "no price for web searches of the model \"gpt-5\"");
    CHECK(cost(of_model("gpt-5", R"("tokens_in":5,"extra":{"web_searches":"many"})")) ==
          "a count of web searches that cannot be read");
    CHECK(cost(of_model("gpt-5", R"("tokens_in":-5)")) == "a figure that cannot be read");
    const Totals totals =
        totals_of(of_model("claude-opus-4-6", R"("tokens_in":5,"extra":{"speed":"warp"})"));
    CHECK(totals.events_without_cost == 1);
    CHECK(totals.unpriced.size() == 1);
    CHECK_FALSE(totals.cost_total_usd().value());
  }

  TEST_CASE("a name fits whole, or without what providers and versions add: nothing is guessed") {
    const Prices& prices = Prices::standard();
    const ModelPrices* const opus = prices.find("claude-opus-4-6");
    REQUIRE(opus != nullptr);
    for (const char* const name :
         {"claude-opus-4-6[1m]", "us.anthropic.claude-opus-4-6-v1", "anthropic/claude-opus-4.6",
          "us.anthropic.claude-opus-4-6-v1:0", "claude-opus-4-6@20260205", "claude-opus-4-6-latest",
          "claude-opus-4-6-20260205[1m]", "openrouter/anthropic/claude-opus-4.6"}) {
      CAPTURE(name);
      CHECK(prices.find(name) == opus);
    }
    CHECK(prices.find("claude-opus-4-0") == prices.find("claude-opus-4"));
    CHECK(prices.find("gpt-5-2025-08-07") == prices.find("gpt-5"));
    CHECK(prices.find("openai/gpt-4o-2024-05-13") == prices.find("gpt-4o-2024-05-13"));
    CHECK(prices.find("gpt-4o-2024-05-13") != prices.find("gpt-4o"));
    CHECK(prices.find("gpt-5.6") == prices.find("gpt-5.6-sol"));
    for (const char* const name :
         {"gpt-5-tiny", "<synthetic>", "claude-opus-4-9", "opus", "claude-opus", "", "us.",
          "anthropic/", "claude-opus-4-6-v", "claude-opus-4-6-2026", "claude-opus-4-6@", "-latest",
          "claude-opus-4-6-fast", "xclaude-opus-4-6", "gpt-5.4-9999-99-99"}) {
      CAPTURE(name);
      CHECK(prices.find(name) == nullptr);
    }
    CHECK_FALSE(prices.date().empty());
  }

  TEST_CASE("every row of the standard table says who states it, and when that was read") {
    for (const auto& [name, model] : Prices::standard().by_model()) {
      CAPTURE(name);
      CHECK_FALSE(model.source.empty());
      CHECK(model.date.starts_with("20"));
    }
  }

  TEST_CASE("what has a cost, or no price, is left as it is") {
    const Totals recorded = totals_of(R"({"model":"gpt-5","tokens_in":5,"cost_usd":0.5})");
    CHECK_FALSE(recorded.cost_computed_usd);
    CHECK(recorded.cost_usd->to_string() == "0.5");
    const Totals unknown = totals_of(R"({"model":"no-such","tokens_in":5})");
    CHECK_FALSE(unknown.cost_computed_usd);
    CHECK(unknown.events_without_cost == 1);
    CHECK(totals_of(R"({"model":"no-such","tokens_in":0})").events_without_cost == 0);
  }

  TEST_CASE("the table that is shown as JSON can be given, and is the same") {
    StringSink first;
    write_prices_json(first, Prices::standard());
    const auto again = Prices::parse(first.text);
    REQUIRE(again);
    StringSink second;
    write_prices_json(second, *again);
    CHECK(second.text == first.text);
  }

  TEST_CASE("a table that is none is refused, naming what is wrong") {
    for (
        const char* const json :
        {"", "[]", "{}", R"({"usd_per_million_tokens":[]})",
         R"({"usd_per_million_tokens":{"m":{"in":1}}})",
         R"({"usd_per_million_tokens":{"m":{"in":-1,"out":2}}})",
         R"({"usd_per_million_tokens":{"m":1}})", R"({"version":3,"usd_per_million_tokens":{}})",
         R"({"version":2,"usd_per_million_tokens":{"m":{"in":1,"out":2,"cache_raed":1}}})",
         R"({"version":2,"usd_per_million_tokens":{"m":{"in":1,"out":2,"from":"soon"}}})",
         R"({"version":2,"usd_per_million_tokens":{"m":{"in":1,"out":2,"changes":[{"in":1,"out":1}]}}})",
         R"({"version":2,"usd_per_million_tokens":{"m":{"in":1,"out":2,"over":[{"in":1,"out":1}]}}})",
         R"({"version":2,"usd_per_million_tokens":{"m":{"in":1,"out":2,"modes":{"mood":{"x":1}}}}})",
         R"({"version":2,"usd_per_million_tokens":{"m":{"in":1,"out":2,"aliases":["n"]},"n":{"in":1,"out":1}}})"}) {
      CAPTURE(json);
      const auto prices = Prices::parse(json);
      REQUIRE_FALSE(prices);
      CHECK(prices.error().code == Code::invalid);
    }
  }

  TEST_CASE("a table says how old it is") {
    const auto prices = Prices::parse(R"({"date":"2026-03-01","usd_per_million_tokens":{}})");
    REQUIRE(prices);
    CHECK(
        age_text(*prices, parse_rfc3339("2026-11-29T00:00:00Z").value()).contains("273 days old"));
    CHECK(age_text(*prices, parse_rfc3339("2026-03-01T09:00:00Z").value()) ==
          "the prices are those of 2026-03-01");
    const auto undated = Prices::parse(R"({"usd_per_million_tokens":{}})");
    REQUIRE(undated);
    CHECK(age_text(*undated, zero_time).empty());
  }

  TEST_CASE("costs are shown with two decimals from a dollar on, and two digits below") {
    for (const auto& [exact, shown] : {std::pair{"0.4567", "$0.46"},
                                       {"0.00734", "$0.0073"},
                                       {"1.7251", "$1.73"},
                                       {"0", "$0"},
                                       {"0.0999", "$0.10"},
                                       {"0.9999", "$1.00"},
                                       {"12", "$12.00"},
                                       {"0.5", "$0.50"},
                                       {"-3.1", "-$3.10"},
                                       {"1234.5", "$1,234.50"}}) {
      CAPTURE(exact);
      CHECK(dollars_text(Decimal::parse(exact).value()) == shown);
    }
  }
}

}  // namespace
}  // namespace agentstore::formats
