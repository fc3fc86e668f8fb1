#include "agentstore/analysis/patch.hpp"

#include <doctest/doctest.h>

namespace agentstore {
TEST_SUITE("patch") {
  TEST_CASE("members are added, replaced and removed by pointer") {
    CHECK(
        json_patch(R"({"a":1,"b":{"c/d":2},"e":3})", R"({"b":{"c/d":2.50,"x":{}},"e":3,"a":1})") ==
        R"([{"op":"replace","path":"/b/c~1d","value":2.50},)"
        R"({"op":"add","path":"/b/x","value":{}}])");
    CHECK(json_patch(R"({"a":1,"b":2})", R"({"b":2})") == R"([{"op":"remove","path":"/a"}])");
    CHECK(json_patch("{}", "{}") == "[]");
    CHECK(json_patch("{}", "[]") == R"([{"op":"replace","path":"","value":[]}])");
  }

  TEST_CASE("an array that grew is added to, another one replaced") {
    CHECK(json_patch(R"({"a":[1]})", R"({"a":[1,2,3]})") ==
          R"([{"op":"add","path":"/a/-","value":2},{"op":"add","path":"/a/-","value":3}])");
    CHECK(json_patch(R"({"a":[1,2]})", R"({"a":[1,3]})") ==
          R"([{"op":"replace","path":"/a","value":[1,3]}])");
    CHECK(json_patch(R"({"a":[1,2]})", R"({"a":[1]})") ==
          R"([{"op":"replace","path":"/a","value":[1]}])");
  }

  TEST_CASE("of members of one name the last counts") {
    CHECK(json_patch(R"({"a":1,"a":2})", R"({"a":2})") == "[]");
  }
}
}  // namespace agentstore
