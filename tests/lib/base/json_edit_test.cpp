#include "base/json_edit.hpp"

#include <doctest/doctest.h>

namespace agentstore::json {
namespace {

std::vector<std::string> tokens_of(std::string_view pointer) {
  return pointer_tokens(pointer).value();
}

}  // namespace

TEST_SUITE("json edit") {
  TEST_CASE("a member is set in its place, or as the last one") {
    CHECK(with_member(R"({"a":1,"b":2.0})", tokens_of("/a"), "[]") == R"({"a":[],"b":2.0})");
    CHECK(with_member(R"({"a":1})", tokens_of("/b"), "2") == R"({"a":1,"b":2})");
    CHECK(with_member("{}", tokens_of("/x/y"), "2") == R"({"x":{"y":2}})");
    CHECK(with_member(R"({"x":{"z":1e400}})", tokens_of("/x/y"), "2") ==
          R"({"x":{"z":1e400,"y":2}})");
    CHECK(with_member("{}", tokens_of("/\"~1"), "0") == R"({"\"/":0})");
    CHECK_FALSE(with_member(R"({"x":3})", tokens_of("/x/y"), "2"));
    CHECK_FALSE(with_member("[]", tokens_of("/x"), "2"));
  }

  TEST_CASE("a member is left out, or renamed where it stands") {
    CHECK(without_member(R"({"a":1,"b":{"c":2,"d":3}})", tokens_of("/b/c")) ==
          R"({"a":1,"b":{"d":3}})");
    CHECK(without_member(R"({"a":1})", tokens_of("/a")) == "{}");
    CHECK(with_renamed_member(R"({"a":1,"b":2})", tokens_of("/a"), "\"") == R"({"\"":1,"b":2})");
    CHECK_FALSE(without_member(R"({"a":1})", tokens_of("/b")));
    CHECK_FALSE(with_renamed_member("{}", tokens_of("/b"), "c"));
  }

  TEST_CASE("of members of one name the last counts, and is the one left") {
    CHECK(with_member(R"({"a":1,"b":2,"a":3})", tokens_of("/a"), "4") == R"({"b":2,"a":4})");
    CHECK(without_member(R"({"a":1,"b":2,"a":3})", tokens_of("/a")) == R"({"b":2})");
  }
}
}  // namespace agentstore::json
