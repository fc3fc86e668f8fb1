#include "agentstore/members.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "agentstore/json.hpp"

namespace agentstore {

TEST_SUITE_BEGIN("members");

TEST_CASE("a draft's payload is the object of its members, each value as JSON has it") {
  const Draft draft = draft_of("tool_called", {{"text", "a \"b\"\n"},
                                               {"string", std::string{"s"}},
                                               {"none", nullptr},
                                               {"yes", true},
                                               {"int", -3},
                                               {"large", ~std::uint64_t{0}},
                                               {"half", 0.5},
                                               {"amount", Decimal::parse("0.10").value()},
                                               {"list", json::array({1, "x", json::array({})})},
                                               {"args", json::object({{"q", "flights"}})},
                                               {"raw", json::Token::raw("1e400")}});
  CHECK(draft.type == "tool_called");
  CHECK_FALSE(json::check(draft.payload, json::rules_to_store));
  CHECK(draft.payload == R"({"text":"a \"b\"\n","string":"s","none":null,"yes":true,"int":-3,)"
                         R"("large":18446744073709551615,"half":0.5,"amount":0.1,)"
                         R"("list":[1,"x",[]],"args":{"q":"flights"},"raw":1e400})");
}

TEST_CASE("what JSON has no form for is null, and a draft without members has an object") {
  CHECK(json::Token{std::nan("")}.text() == "null");
  CHECK(json::Token{std::numeric_limits<double>::infinity()}.text() == "null");
  CHECK(draft_of("custom", {}).payload == "{}");
}

TEST_SUITE_END();

}  // namespace agentstore
