#include "base/json_edit.hpp"

#include <doctest/doctest.h>

namespace agentstore::json {
namespace {

std::vector<std::string> tokens_of(std::string_view pointer) {
  return pointer_tokens(pointer).value();
}

}  // namespace

TEST_SUITE("json edit") {
  TEST_CASE("a pointer is taken apart as RFC 6901 says") {
    CHECK(tokens_of("").empty());
    CHECK(tokens_of("/") == std::vector<std::string>{""});
    CHECK(tokens_of("/a~1b/m~0n//0") == std::vector<std::string>{"a/b", "m~n", "", "0"});
    CHECK(tokens_of("/~01") == std::vector<std::string>{"~1"});
    for (const char* const wrong : {"a", "a/b", "/~", "/~2", "/a~"}) {
      CAPTURE(wrong);
      CHECK_FALSE(pointer_tokens(wrong));
    }
  }

  TEST_CASE("a value is found through objects and arrays") {
    const std::string_view text = R"({"a":[10,{"b/c":1.50}],"a b":null})";
    CHECK(find_at(text, tokens_of("")) == text);
    CHECK(find_at(text, tokens_of("/a/0")) == "10");
    CHECK(find_at(text, tokens_of("/a/1/b~1c")) == "1.50");
    CHECK(find_at(text, tokens_of("/a b")) == "null");
    for (const char* const wrong : {"/b", "/a/2", "/a/01", "/a/-", "/a/+1", "/a/0/0", "/a//"}) {
      CAPTURE(wrong);
      CHECK_FALSE(find_at(text, tokens_of(wrong)));
    }
  }

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
