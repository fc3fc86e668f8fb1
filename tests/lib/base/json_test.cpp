#include "agentstore/json.hpp"

#include <doctest/doctest.h>

#include "base/json_check.hpp"

namespace agentstore {
namespace {

bool storable(std::string_view text) {
  return !json::check(text, json::rules_to_store);
}

}  // namespace

TEST_SUITE_BEGIN("json");

TEST_CASE("a text is checked and compacted in one go, or left alone") {
  std::string out = "as it was";
  CHECK(json::check_and_compact("{\"a\":1,}", json::rules_to_store, out));
  CHECK(out == "as it was");
  for (const char* const spaced : {" {\"a\":1}", "{\"a\":1} ", "{ \"a\":1}", "{\"a\" :1}",
                                   "{\"a\": 1}", "{\"a\":1 }", "{\"a\":1}"}) {
    CAPTURE(spaced);
    CHECK_FALSE(json::check_and_compact(spaced, json::rules_to_store, out));
    CHECK(out == "{\"a\":1}");
  }
}

TEST_CASE("a string ends at a quote behind an even number of backslashes") {
  for (std::size_t pairs = 0; pairs < 40; ++pairs) {
    CAPTURE(pairs);
    const std::string even(2 * pairs, '\\');
    const std::string array = "[\"" + even + "\",\"" + even + "\\\"\",3]";
    json::Walk walk{array};
    REQUIRE(walk.next());
    CHECK(walk.value() == "\"" + even + "\"");
    REQUIRE(walk.next());
    CHECK(walk.value() == "\"" + even + "\\\"\"");
    REQUIRE(walk.next());
    CHECK(walk.value() == "3");
    CHECK_FALSE(walk.next());
  }
}

TEST_CASE("compact drops white space between tokens, and changes nothing else") {
  CHECK(json::compact(" { \"a b\" : [ 1.50 , 1E+2 , \"\\u00e9 \\\" \" ] ,\r\n\t\"a\":{} } ") ==
        R"({"a b":[1.50,1E+2,"\u00e9 \" "],"a":{}})");
  CHECK(json::compact(R"(["\\", " "])") == R"(["\\"," "])");
  CHECK(json::compact("9007199254740993") == "9007199254740993");
}

TEST_CASE("a lone surrogate is told from a character") {
  for (const char* const token : {R"("\ud800")", R"("a\uDFFF")", R"("\\\udc00\ud800")"})
    CHECK(json::has_lone_surrogate(token));
  for (const char* const token : {R"("")", R"("\ud83d\ude00")", R"("\ufffd")", R"("\\ud800")"})
    CHECK_FALSE(json::has_lone_surrogate(token));
}

TEST_CASE("text_of resolves escapes, and a lone surrogate becomes U+FFFD") {
  CHECK(json::text_of(R"("plain")") == "plain");
  CHECK(json::text_of(R"("")").empty());
  CHECK(json::text_of(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  CHECK(json::text_of(R"("\u0041\u00e9\u20AC\ud83d\ude00")") == "Aé€😀");
  CHECK(json::text_of(R"("\ud83d")") == "\uFFFD");
  CHECK(json::text_of(R"("\ude00x")") == "\uFFFDx");
  CHECK(json::text_of(R"("\ud83d\u0041")") == "\uFFFDA");
  CHECK(json::text_of(R"("\ud83d\ud83d\ude00")") == "\uFFFD😀");
  CHECK(json::text_of(R"("\ud83dx")") == "\uFFFDx");
  CHECK(json::text_of(R"("a\u0000b")") == std::string_view{"a\0b", 3});
}

TEST_CASE("a walk gives members in their order, whatever the white space") {
  const std::string_view object = " {\n\"a\" : 1 ,\"b\":[1, {\"x\":2}] , \"c\" : \"}\\\"\" } ";
  std::string seen;
  for (json::Walk walk{object}; walk.next();) {
    seen += std::string{walk.key()} + "=" + std::string{walk.value()} + ";";
  }
  CHECK(seen == "\"a\"=1;\"b\"=[1, {\"x\":2}];\"c\"=\"}\\\"\";");

  std::string elements;
  for (json::Walk walk{"[ 1 ,[2,3], \"]\" ]"}; walk.next();) {
    CHECK(walk.key().empty());
    elements += std::string{walk.value()} + ";";
  }
  CHECK(elements == "1;[2,3];\"]\";");

  for (const char* const nothing : {"{}", "[]", " { } ", "1", "\"{\"", "null"}) {
    CAPTURE(nothing);
    json::Walk walk{nothing};
    CHECK_FALSE(walk.next());
  }
}

TEST_CASE("a walk passes containers of every size, and the brackets in their strings") {
  for (std::size_t size = 0; size < 70; ++size) {
    const std::string text(size, 'x');
    const std::string inner = "{\"k\":[\"" + text + "]}{[\\\"\",{\"" + text + "\":[]}]}";
    const std::string object = "{\"" + text + "\":" + inner + ",\"b\":7}";
    CAPTURE(object);
    json::Walk walk{object};
    REQUIRE(walk.next());
    CHECK(walk.key_is(text));
    CHECK(walk.value() == inner);
    REQUIRE(walk.next());
    CHECK(walk.value() == "7");
    CHECK_FALSE(walk.next());
    CHECK(json::first_value(inner + "]") == inner);
  }
}

TEST_CASE("a key is known by what its escapes stand for") {
  json::Walk walk{R"({"\u0061b":1,"a\n":2,"a\\n":3,"":4})"};
  REQUIRE(walk.next());
  CHECK(walk.key_is("ab"));
  CHECK_FALSE(walk.key_is("\\u0061b"));
  REQUIRE(walk.next());
  CHECK(walk.key_is("a\n"));
  CHECK_FALSE(walk.key_is("a\\n"));
  REQUIRE(walk.next());
  CHECK(walk.key_is("a\\n"));
  REQUIRE(walk.next());
  CHECK(walk.key_is(""));
}

TEST_CASE("no element of an array has a key") {
  json::Walk walk{"[1]"};
  REQUIRE(walk.next());
  CHECK_FALSE(walk.key_is("a"));
}

TEST_CASE("find takes the last member of a name, as Go does") {
  CHECK(json::find(R"({"a":1,"b":2,"a":3})", "a") == "3");
  CHECK(json::find(R"({"\u0061":1})", "a") == "1");
  CHECK(json::find(R"({"x":{"a":1}})", "a") == std::nullopt);
  CHECK(json::find("[1]", "a") == std::nullopt);
  CHECK(json::find(" \n{\"a\":1}", "a") == "1");
  CHECK(json::find_text(R"({"a":"x\n"})", "a") == "x\n");
  CHECK(json::find_text(R"({"a":1})", "a") == std::nullopt);
  CHECK(json::find_integer(R"({"a":-7})", "a") == -7);
  CHECK(json::find_integer(R"({"a":"7"})", "a") == std::nullopt);
}

TEST_CASE("an integer is read only where it is one and fits") {
  CHECK(json::integer_of("9223372036854775807") == INT64_MAX);
  CHECK(json::integer_of("-9223372036854775808") == INT64_MIN);
  for (const char* const token : {"9223372036854775808", "1.0", "1e2", "-9223372036854775809"}) {
    CAPTURE(token);
    CHECK(json::integer_of(token) == std::nullopt);
  }
}

TEST_CASE("quoting is undone by text_of, and makes a valid string of any bytes") {
  using namespace std::string_literals;
  const std::string text = "a\"b\\c\n\r\t\b\f\x01\x1F\x7F é€😀 </script>\0"s;
  CHECK(json::text_of(json::quote(text)) == text);
  CHECK(storable(json::quote(text)));
  CHECK(json::quote("\x01\n") == R"("\u0001\n")");
  CHECK(json::text_of(json::quote("a\xFF\xC3z")) == "a\uFFFD\uFFFDz");
  for (int byte = 0; byte < 256; ++byte) {
    const std::string one(3, static_cast<char>(byte));
    if (storable(json::quote(one))) continue;
    CAPTURE(byte);
    CHECK(storable(json::quote(one)));
  }
}

TEST_CASE("kinds are told by the first byte") {
  using json::Kind;
  CHECK(json::kind_of("null") == Kind::null);
  CHECK(json::kind_of("true") == Kind::boolean);
  CHECK(json::kind_of("false") == Kind::boolean);
  CHECK(json::kind_of("\"x\"") == Kind::string);
  CHECK(json::kind_of("-1") == Kind::number);
  CHECK(json::kind_of("[") == Kind::array);
  CHECK(json::kind_of("{}") == Kind::object);
}

TEST_CASE("a pointer leads to the value that RFC 6901 says") {
  const std::string_view document =
      R"({"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"m~n":8,"deep":{"deep":[{"x":null}]},"foo2":3})";
  const auto at = [&](std::string_view pointer) {
    return json::find_pointer(document, pointer).value_or("nothing");
  };
  CHECK(at("") == document);
  CHECK(at("/foo") == R"(["bar","baz"])");
  CHECK(at("/foo/0") == R"("bar")");
  CHECK(at("/foo/1") == R"("baz")");
  CHECK(at("/") == "0");
  CHECK(at("/a~1b") == "1");
  CHECK(at("/c%d") == "2");
  CHECK(at("/m~0n") == "8");
  CHECK(at("/deep/deep/0/x") == "null");
  for (const char* const nowhere : {"/foo/2", "/foo/-", "/foo/01", "/foo/-1", "/foo/x", "/bar",
                                    "/foo2/0", "/deep/deep/0/x/y", "/foo/", "/foo/0/0"}) {
    CAPTURE(nowhere);
    CHECK(at(nowhere) == "nothing");
  }
}

TEST_SUITE_END();

}  // namespace agentstore
