#include <doctest/doctest.h>

#include "agentstore/json.hpp"
#include "formats/escape.hpp"

using namespace agentstore;
using namespace agentstore::formats;

TEST_SUITE_BEGIN("json text");

TEST_CASE("pretty JSON has a member a line, and every digit") {
  CHECK(pretty_json(
            R"({"a":9007199254740993,"b":[1.50,"x, {y}: \"z\""],"c":{},"d":[ ],"e":{"f":null}})") ==
        R"({
  "a": 9007199254740993,
  "b": [
    1.50,
    "x, {y}: \"z\""
  ],
  "c": {},
  "d": [],
  "e": {
    "f": null
  }
})");
  CHECK(pretty_json("[]") == "[]");
  CHECK(pretty_json("1e400") == "1e400");
}

TEST_CASE("pretty JSON is the same value") {
  const std::string text = R"({"a":[[],[1,{"b":[{}]}]],"c":"\\"})";
  CHECK(json::compact(pretty_json(text)) == text);
  const std::string deep = std::string(5000, '[') + std::string(5000, ']');
  CHECK(json::compact(pretty_json(deep)) == deep);
}

TEST_CASE("JSON for people holds nothing that hides or reorders") {
  CHECK(printable_json("\"\u202E\xC2\x9B\u200B\"") == R"("\u202e\u009b\u200b")");
  CHECK(printable_json("\"\U000E0041\"") == R"("\udb40\udc41")");
  CHECK(printable_json("\"##[error] \xFF →\"") == "\"#\\u0023[error] \\ufffd →\"");
  CHECK(json::text_of(printable_json("\"a\U000E0041\"")) == "a\U000E0041");
}

TEST_SUITE_END();
