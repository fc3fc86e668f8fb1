#include "base/json_pointer.hpp"

#include <doctest/doctest.h>

namespace agentstore::json {
namespace {

std::vector<std::string> tokens_of(std::string_view pointer) {
  return pointer_tokens(pointer).value();
}

}  // namespace

TEST_SUITE("json pointer") {
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

  TEST_CASE("a pointer taken apart, and one that is followed at once, lead to the same") {
    const std::string_view text = R"({"a":[1,[2,3]],"ab":4,"":{"":5},"-0":6,"~":7,"/":{"0":8}})";
    for (const char* const pointer :
         {"",      "/",     "//",     "///",      "/a",   "/a/0", "/a/-0",
          "/a/+0", "/a/00", "/a/1/1", "/a/1/2",   "/a/-", "/a/",  "/a/9999999999999999999999",
          "/ab",   "ab",    "a",      "a/0",      "/-0",  "/~0",  "/~1/0",
          "/~",    "/~2",   "/a/~",   "/none/~2", "~0",   " /a"}) {
      CAPTURE(pointer);
      const auto tokens = pointer_tokens(pointer);
      const auto apart = tokens ? find_at(text, *tokens) : std::nullopt;
      const auto at_once = find_pointer(text, pointer);
      CHECK(apart.has_value() == at_once.has_value());
      if (apart && at_once) CHECK(apart->data() == at_once->data());
    }
    CHECK_FALSE(find_pointer(text, "/a/-0"));
    CHECK_FALSE(find_pointer(text, "ab"));
    CHECK(find_pointer(text, "/ab") == "4");
    CHECK(find_pointer(text, "/-0") == "6");
  }
}

}  // namespace agentstore::json
