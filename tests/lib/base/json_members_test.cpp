#include "base/json_members.hpp"

#include <doctest/doctest.h>

#include <string>

namespace agentstore::json {
TEST_SUITE("json members") {
  TEST_CASE("members are ordered by what their names stand for") {
    const Members members{R"({"b":1,"\u0061":[2], "c" : {"x":3}})"};
    std::string names;
    for (const Members::Member& member : members) names += text_of(member.key());
    CHECK(names == "abc");
    CHECK(members.find(R"("a")") == "[2]");
    CHECK(members.find(R"("\u0062")") == "1");
    CHECK(members.find(R"("c")") == R"({"x":3})");
    CHECK_FALSE(members.find(R"("d")"));
    CHECK_FALSE(Members{"{}"}.find(R"("a")"));
  }

  TEST_CASE("of members of one name the last counts") {
    const Members members{R"({"a":1,"b":2,"\u0061":3})"};
    CHECK(members.end() - members.begin() == 2);
    CHECK(members.find(R"("a")") == "3");
  }

  TEST_CASE("keys are found in the object's order and in any other") {
    MemberLookup in_order{R"({"a":1,"b":2})"};
    CHECK(in_order.find(R"("a")") == "1");
    CHECK(in_order.find(R"("b")") == "2");
    CHECK_FALSE(in_order.find(R"("c")"));
    MemberLookup backwards{R"({"a":1,"b":2})"};
    CHECK(backwards.find(R"("b")") == "2");
    CHECK(backwards.find(R"("a")") == "1");
  }
}
}  // namespace agentstore::json
