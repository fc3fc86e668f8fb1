#include "agentstore/analysis/fields.hpp"

#include <doctest/doctest.h>

namespace agentstore {
TEST_SUITE("fields") {
  TEST_CASE("nested members are named by their path") {
    const auto fields = fields_of(R"({"balance":-0.20,"by_asset":{"BTC":1e-18,"a/b~c":2},"x":[]})");
    REQUIRE(fields.size() == 4);
    CHECK(fields[0].name == "balance");
    CHECK(fields[0].value == "-0.20");
    CHECK(fields[0].pointer == "/balance");
    CHECK(fields[1].name == "by_asset_BTC");
    CHECK(fields[1].pointer == "/by_asset/BTC");
    CHECK(fields[2].pointer == "/by_asset/a~1b~0c");
    CHECK(fields[3].value == "[]");
  }

  TEST_CASE("an empty object is a value, and the empty state has no fields") {
    const auto fields = fields_of(R"({"data":{},"n":null})");
    REQUIRE(fields.size() == 2);
    CHECK(fields[0].name == "data");
    CHECK(fields[0].value == "{}");
    CHECK(fields[1].value == "null");
    CHECK(fields_of("{}").empty());
  }

  TEST_CASE("a field is found by its name, of several the last") {
    const std::string_view object =
        R"({"a":{"b":{"c":1},"d_e":2},"a_b":{"c":3},"x":4,"x":5,"e":""})";
    CHECK(find_field(object, "a_b_c") == "3");
    CHECK(find_field(object, "a_d_e") == "2");
    CHECK(find_field(object, "x") == "5");
    CHECK(find_field(object, "a_b") == R"({"c":3})");
    CHECK(find_field(object, "e") == R"("")");
    CHECK_FALSE(find_field(object, "a_"));
    CHECK_FALSE(find_field(object, "b"));
    CHECK_FALSE(find_field("[1]", "a"));
    CHECK_FALSE(find_field("null", "a"));
  }

  TEST_CASE("fields of two objects are paired by pointer") {
    const auto pairs =
        paired_fields(R"({"a":1,"b":{},"c":{"d":2},"e":{}})", R"({"b":{"x":0.10},"a":2,"f":[]})");
    REQUIRE(pairs.size() == 5);
    CHECK(pairs[0].pointer == "/a");
    CHECK(pairs[0].second == "2");
    CHECK(pairs[1].name == "c_d");
    CHECK_FALSE(pairs[1].second);
    CHECK(pairs[2].pointer == "/e");
    CHECK(pairs[3].pointer == "/b/x");
    CHECK_FALSE(pairs[3].first);
    CHECK(pairs[3].second == "0.10");
    CHECK(pairs[4].pointer == "/f");
  }
}
}  // namespace agentstore
