#include "agentstore/ledger.hpp"

#include <doctest/doctest.h>

namespace agentstore {

TEST_SUITE_BEGIN("ledger");

TEST_CASE("a ledger is read as it is written") {
  const auto ledger = parse_ledger(R"( {"default_asset": "USD", "types": {
      "Paid": {"sign": -1, "amount": ["/total", "/price/net"], "asset": "/currency"},
      "llm_response": {"amount": "/cost", "sign": 1}}} )");
  REQUIRE(ledger);
  CHECK(ledger->default_asset == "USD");
  CHECK_FALSE(ledger->built_in);
  REQUIRE(ledger->types.size() == 2);
  const LedgerRule& paid = ledger->types.at("Paid");
  CHECK(paid.sign == -1);
  CHECK(paid.amounts == std::vector<std::string>{"/total", "/price/net"});
  CHECK(paid.assets == std::vector<std::string>{"/currency"});
  CHECK(ledger->types.at("llm_response").assets.empty());
}

TEST_CASE("the casino's ledger is built in") {
  const Ledger& ledger = casino_ledger();
  CHECK(ledger.built_in);
  CHECK(ledger.default_asset == "PFLEA");
  CHECK(ledger.types.size() == 8);
  CHECK(ledger.types.at("FeeCharged").amounts == std::vector<std::string>{"/fee", "/amount"});
}

TEST_CASE("a ledger that is none is refused, naming the member") {
  struct Bad {
    const char* text;
    const char* saying;
  };
  for (const auto& [text, saying] :
       {Bad{"", "not JSON"}, Bad{"[]", "not a JSON object"}, Bad{"{", "not JSON"},
        Bad{R"({"default_asset":"X"})", "no \"types\""},
        Bad{R"({"types":{}})", "no \"default_asset\""},
        Bad{R"({"default_asset":1,"types":{}})", "/default_asset is not a string"},
        Bad{R"({"default_asset":"X","types":[]})", "/types is not an object"},
        Bad{R"({"default_asset":"X","types":{},"more":1})", "/more is not known"},
        Bad{R"({"default_asset":"X","types":{"T":1}})", "/types/T is not an object"},
        Bad{R"({"default_asset":"X","types":{"T":{"amount":"/a"}}})", "/types/T has no \"sign\""},
        Bad{R"({"default_asset":"X","types":{"T":{"sign":1}}})", "/types/T has no \"amount\""},
        Bad{R"({"default_asset":"X","types":{"T":{"sign":2,"amount":"/a"}}})",
            "/types/T/sign is neither 1 nor -1"},
        Bad{R"({"default_asset":"X","types":{"T":{"sign":1,"amount":"a"}}})",
            "/types/T/amount is not a JSON Pointer"},
        Bad{R"({"default_asset":"X","types":{"T":{"sign":1,"amount":["/a",2]}}})",
            "/types/T/amount is neither a JSON Pointer nor an array"},
        Bad{R"({"default_asset":"X","types":{"T":{"sign":1,"amount":"/a","asst":"/b"}}})",
            "/types/T/asst is not known"}}) {
    CAPTURE(text);
    const auto ledger = parse_ledger(text);
    REQUIRE_FALSE(ledger);
    CHECK(ledger.error().code == Code::invalid);
    CAPTURE(ledger.error().message);
    CHECK(ledger.error().message.find(saying) != std::string::npos);
  }
}

TEST_SUITE_END();

}  // namespace agentstore
