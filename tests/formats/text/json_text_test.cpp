#include <doctest/doctest.h>

#include "agentstore/json.hpp"
#include "formats/text/escape.hpp"

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

TEST_CASE("a value shows the characters that it writes as escapes, where they are no danger") {
  CHECK(printable_value(R"("4 \u00b0C \ud83d\ude00 \u00E9")", 40) == "\"4 °C 😀 é\"");
  CHECK(printable_value(R"({"\u00fc":["\u4e2d"]})", 40) == R"({"ü":["中"]})");
  CHECK(printable_value(R"("\\u00b0 \" \u0041 \u001b")", 40) == R"("\\u00b0 \" \u0041 \u001b")");
  CHECK(printable_value(R"("\u202e\u0085\u200b")", 40) == R"("\u{202e}\u{85}\u{200b}")");
  CHECK(printable_value(R"("\ud83d \ude00 \ud83d\u0041")", 40) ==
        R"("\ud83d \ude00 \ud83d\u0041")");
  CHECK(printable_value(R"("\u00b0\u00b0\u00b0")", 4) == "\"°°…");
  CHECK(printable_value("\"\\", 4) == "\"\\");
  CHECK(printable_value("12.50", 40) == "12.50");
}

TEST_CASE("JSON for people holds nothing that hides or reorders") {
  CHECK(printable_json("\"\u202E\xC2\x9B\u200B\"") == R"("\u202e\u009b\u200b")");
  CHECK(printable_json("\"\U000E0041\"") == R"("\udb40\udc41")");
  CHECK(printable_json("\"##[error] \xFF →\"") == "\"#\\u0023[error] \\ufffd →\"");
  CHECK(json::text_of(printable_json("\"a\U000E0041\"")) == "a\U000E0041");
}

TEST_SUITE_END();
