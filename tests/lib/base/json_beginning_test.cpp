// Texts cut off at each byte: what begins as a value does, and what cannot.

#include "base/json_beginning.hpp"

#include <doctest/doctest.h>

#include <string>

#include "agentstore/json.hpp"

namespace agentstore::json {
namespace {

struct Begun {
  Beginning how;
  std::size_t bytes;
};

Begun begun_by(std::string_view text, const BeginningRules& rules = {}) {
  const char* at = text.data();
  const Beginning how = begin_value(at, text.data() + text.size(), rules);
  return {how, static_cast<std::size_t>(at - text.data())};
}

}  // namespace

TEST_SUITE("beginnings of JSON") {
  TEST_CASE("every beginning of a value is cut, and the whole of it whole") {
    for (const std::string text :
         {R"({"a":[1,-0.5e+3,true,false,null,"\u00e9\\é"],"":{}})", R"([[],{},"x"])",
          R"("\ud83d\ude00 \"")", "[-12.5E-7,0]", "[1e9,0.0]"}) {
      CAPTURE(text);
      for (std::size_t size = 0; size < text.size(); ++size) {
        CAPTURE(size);
        CHECK(begun_by(text.substr(0, size)).how == Beginning::cut);
      }
      const Begun whole = begun_by(text + "rest");
      CHECK(whole.how == Beginning::whole);
      CHECK(whole.bytes == text.size());
    }
  }

  TEST_CASE(
      "a number that ends where the text does may go on; one that something follows is over") {
    for (const char* const text : {"-", "0", "-0", "12", "1.", "1.5", "1e", "1E+", "1e-9"}) {
      CAPTURE(text);
      CHECK(begun_by(text).how == Beginning::cut);
    }
    for (const char* const text : {"0", "-0", "12", "1.5", "1e-9", "100000000000000000000"}) {
      CAPTURE(text);
      const Begun over = begun_by(std::string{text} + ",");
      CHECK(over.how == Beginning::whole);
      CHECK(over.bytes == std::string_view{text}.size());
    }
    for (const char* const text :
         {"01", "-01", "1.,", "1.e", "1e,", "1e+,", "-,", "+1", ".5", "-x"}) {
      CAPTURE(text);
      CHECK(begun_by(text).how == Beginning::bad);
    }
  }

  TEST_CASE("what no value begins with is bad at once") {
    for (const char* const text : {"x", "tru,", "nul ", "{a", "{,", "[,", R"({"a" )", R"({"a":1,})",
                                   R"(["a",])", "[1 ", "\"\x01", "\"\\q", "\"\\u12g", "]", " 1"}) {
      CAPTURE(text);
      CHECK(begun_by(text).how == Beginning::bad);
    }
  }

  TEST_CASE("white space, depth and UTF-8 are as the rules say") {
    CHECK(begun_by(R"( { "a" : [ 1 , 2 ] } )", {.compact = false}).how == Beginning::whole);
    CHECK(begun_by("[[[", {.depth_max = 3}).how == Beginning::cut);
    CHECK(begun_by("[[[[", {.depth_max = 3}).how == Beginning::bad);
    CHECK(begun_by("\"\xE2\x82").how == Beginning::cut);
    CHECK(begun_by("\"\xE2\x28").how == Beginning::bad);
    CHECK(begun_by("\"\xE2\x28\"", {.valid_utf8 = false}).how == Beginning::whole);
  }

  TEST_CASE("the keys of the outermost object are told, as far as they are whole") {
    const std::string text = R"({"a":{"b":1},"c":2,"d)";
    std::vector<std::string_view> keys;
    const char* at = text.data();
    CHECK(begin_value(at, text.data() + text.size(), {}, &keys) == Beginning::cut);
    CHECK(keys == std::vector<std::string_view>{R"("a")", R"("c")"});
  }
}

}  // namespace agentstore::json
