#include "base/json_check.hpp"

#include <doctest/doctest.h>
#include <simdjson.h>

#include <filesystem>
#include <random>
#include <regex>

#include "agentstore/json.hpp"
#include "base/json_string.hpp"
#include "base/utf8.hpp"
#include "support/folder.hpp"
#include "support/seed.hpp"

namespace agentstore {
namespace {

using json::check;
using json::rules_to_read;
using json::rules_to_store;

bool storable(std::string_view text) {
  return !check(text, rules_to_store);
}
bool readable(std::string_view text) {
  return !check(text, rules_to_read);
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

// Text that is nothing but JSON to a parser that knows the whole grammar.
enum class Opinion { valid, invalid, none };
Opinion simdjson_opinion(const std::string& text) {
  static simdjson::dom::parser parser;
  const auto error = parser.parse(simdjson::padded_string{text}).error();
  switch (error) {
    case simdjson::SUCCESS: return Opinion::valid;
    // It refuses numbers that no double holds, and surrogate escapes that stand alone.
    case simdjson::NUMBER_ERROR:
    case simdjson::STRING_ERROR: return Opinion::none;
    default: return Opinion::invalid;
  }
}

}  // namespace

TEST_SUITE_BEGIN("json_check");

TEST_CASE("what RFC 8259 allows may be stored and read") {
  for (const char* const text : {"null",
                                 "true",
                                 "false",
                                 "0",
                                 "-0",
                                 "1",
                                 "-1",
                                 "10",
                                 "0.5",
                                 "-0.25e+10",
                                 "1E-2",
                                 "1e400",
                                 "12345678901234567890123456789",
                                 "\"\"",
                                 R"("a\"\\\/\b\f\n\r\t\u00e9")",
                                 R"("\ud800")",
                                 R"("\uDC00\uD800")",
                                 "[]",
                                 "{}",
                                 "[1,2]",
                                 "[[],{}]",
                                 R"({"a":1,"b":{"a":2}})",
                                 " \t\r\n[ 1 , { \"a\" : null } ] \n",
                                 "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"",
                                 "\"\x7F\"",
                                 R"({"":0})"}) {
    CAPTURE(text);
    CHECK(storable(text));
    CHECK(readable(text));
  }
}

TEST_CASE("what RFC 8259 forbids may be neither stored nor read") {
  using namespace std::string_literals;
  for (const std::string& text : {""s,
                                  " "s,
                                  "nul"s,
                                  "nullx"s,
                                  "True"s,
                                  "01"s,
                                  "-"s,
                                  "+1"s,
                                  "1."s,
                                  ".5"s,
                                  "1e"s,
                                  "1e+"s,
                                  "-01"s,
                                  "0x10"s,
                                  "1_000"s,
                                  "NaN"s,
                                  "Infinity"s,
                                  "-Infinity"s,
                                  "\""s,
                                  "\"\\"s,
                                  "\"\\x\""s,
                                  "\"\\u12\""s,
                                  "\"\\u12G4\""s,
                                  "\"a\nb\""s,
                                  "\"\t\""s,
                                  "\"a\0b\""s,
                                  "'a'"s,
                                  "["s,
                                  "]"s,
                                  "[1,]"s,
                                  "[,1]"s,
                                  "[1 2]"s,
                                  "[1]]"s,
                                  "{"s,
                                  "}"s,
                                  "{\"a\"}"s,
                                  "{\"a\":}"s,
                                  "{\"a\":1,}"s,
                                  "{,}"s,
                                  "{a:1}"s,
                                  "{1:1}"s,
                                  "{\"a\":1 \"b\":2}"s,
                                  "[}"s,
                                  "{]"s,
                                  "[1}"s,
                                  "{\"a\":1]"s,
                                  "1 2"s,
                                  "{}{}"s,
                                  "[1]x"s,
                                  "\xEF\xBB\xBF[1]"s,
                                  "[1]\0"s,
                                  "\0"s,
                                  "//c\n1"s,
                                  "[1/*c*/]"s,
                                  "\xC2\xA0 1"s,
                                  "\f1"s,
                                  "\"\x1F\""s}) {
    CAPTURE(text);
    CHECK_FALSE(storable(text));
    CHECK_FALSE(readable(text));
  }
}

TEST_CASE("invalid UTF-8 in a string is read, and not stored") {
  for (const char* const bytes :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xE0\x80\x80", "\xE2\x82", "\xED\xA0\x80",
        "\xED\xBF\xBF", "\xF0\x80\x80\x80", "\xF0\x9F\x98", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
        "\xFF", "\xC3(", "\xE2(\xA1"}) {
    const std::string text = "\"some words before it " + std::string{bytes} + "\"";
    CAPTURE(text);
    CHECK_FALSE(storable(text));
    CHECK(readable(text));
  }
}

TEST_CASE("an error says at which byte it is") {
  const auto error = check(R"({"a":1,"b":tru})", rules_to_store);
  REQUIRE(error);
  CHECK(error->offset_bytes == 11);
  const auto after = check("[1] x", rules_to_store);
  REQUIRE(after);
  CHECK(after->offset_bytes == 4);
}

TEST_CASE("a depth of 200 may be stored, one of 10,000 may be read, and no more") {
  CHECK(storable(nested(200)));
  CHECK_FALSE(storable(nested(201)));
  CHECK(readable(nested(201)));
  CHECK(readable(nested(10'000)));
  CHECK_FALSE(readable(nested(10'001)));

  std::string objects;
  for (int i = 0; i < 200; ++i) objects += R"({"a":)";
  CHECK(storable(objects + "1" + std::string(200, '}')));
  CHECK_FALSE(storable(R"({"a":)" + objects + "1" + std::string(201, '}')));
}

TEST_CASE("depth costs no stack") {
  constexpr std::size_t depth = 2'000'000;
  const json::Rules endless{.depth_max = 1 << 30};
  const std::string text = nested(depth);
  CHECK_FALSE(check(text, endless));
  CHECK(check(std::string(depth, '['), endless));
  CHECK(json::compact(text).size() == 2 * depth);
  std::size_t elements = 0;
  for (json::Walk walk{text}; walk.next();) ++elements;
  CHECK(elements == 1);
}

TEST_CASE("a duplicate key is not stored, at any level and in any spelling, but read") {
  for (const char* const text :
       {R"({"a":1,"a":1})", R"({"a":1,"b":2,"a":3})", R"([{"x":{"k":1,"k":2}}])",
        R"({"a":1,"\u0061":2})", R"({"\u00e9":1,"é":2})", R"({"":1,"":2})", R"({"\/":1,"/":2})",
        R"({"\ud83d\ude00":1,"😀":2})",
        R"({"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0,"10":0,"\u0035":0})",
        R"({"a":{"b":1},"c":[{"d":{}}],"a":0})"}) {
    CAPTURE(text);
    CHECK_FALSE(storable(text));
    CHECK(readable(text));
  }
}

TEST_CASE("equal keys of different objects, and keys that differ in case, are no duplicates") {
  for (const char* const text :
       {R"({"a":{"a":{"a":1}}})", R"([{"a":1},{"a":2}])", R"({"a":1,"A":2})",
        R"({"a":{"b":1},"c":{"b":2}})", R"({"a":[{"b":1},{"b":2}],"b":3})",
        R"({"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0,"10":0,"11":{"1":0}})"}) {
    CAPTURE(text);
    CHECK(storable(text));
  }
}

TEST_CASE("a hundred thousand keys are compared in a moment") {
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) text += "\"key" + std::to_string(i) + "\":0,";
  CHECK(storable(text + "\"last\":0}"));
  CHECK_FALSE(storable(text + "\"key77\":0}"));
}

TEST_CASE("mutated JSON is judged as simdjson judges it") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  MESSAGE("seed " << seed);
  std::mt19937_64 random{seed};
  const std::string seeds[] = {
      R"({"content":"Find flights BER → MUC","n":[1,-2.5,3e7,0.0],"ok":true,"no":null})",
      R"([[[]],{},{"a":{"b":[{"c":"\u00e9\n\\"}]}},"😀 and \ud83d\ude00",false])",
      R"( { "tool" : "search" , "args" : { "q" : "<b>" , "limit" : 10 } } )"};
  constexpr std::string_view alphabet = "{}[]\",:\\u0123456789eE+-. \t\ntfnalse\x80\xC3\xFFrb/\x01";
  const json::Rules grammar{.depth_max = 1000, .unique_keys = false, .valid_utf8 = true};
  int compared = 0;
  for (int round = 0; round < 60'000; ++round) {
    std::string text = seeds[random() % 3];
    for (std::size_t edits = 1 + random() % 4; edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      const char byte = alphabet[random() % alphabet.size()];
      switch (random() % 4) {
        case 0: text[at] = byte; break;
        case 1: text.insert(at, 1, byte); break;
        case 2: text.erase(at, 1 + random() % 3); break;
        default: text.insert(at, text.substr(random() % text.size(), random() % 8));
      }
      if (text.empty()) text = "x";
    }
    const Opinion expected = simdjson_opinion(text);
    if (expected == Opinion::none) continue;
    ++compared;
    const bool valid = !check(text, grammar);
    if (valid == (expected == Opinion::valid)) continue;
    CAPTURE(text);
    CHECK(valid == (expected == Opinion::valid));
  }
  CHECK(compared > 30'000);
}

TEST_CASE("numbers are judged as the grammar of RFC 8259 says") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  MESSAGE("seed " << seed);
  std::mt19937_64 random{seed};
  const std::regex grammar{R"(-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?)"};
  constexpr std::string_view alphabet = "0012-+.eE";
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t size = 1 + random() % 7; size > 0; --size) {
      text += alphabet[random() % alphabet.size()];
    }
    if (storable(text) == std::regex_match(text, grammar)) continue;
    CAPTURE(text);
    CHECK(storable(text) == std::regex_match(text, grammar));
  }
}

TEST_CASE("a string is skipped as byte by byte, wherever it begins and whatever stops it") {
  using json::HighBytes;
  const std::string letters(96, 'a');
  const auto agree = [](std::string_view text) {
    const char* const end = text.data() + text.size();
    return json::skip_plain<HighBytes::looked_at>(text.data(), end) ==
               std::find_if_not(text.data(), end, json::is_plain<HighBytes::looked_at>) &&
           json::skip_plain<HighBytes::let_through>(text.data(), end) ==
               std::find_if_not(text.data(), end, json::is_plain<HighBytes::let_through>);
  };
  for (std::size_t start = 0; start < 17; ++start) {
    for (std::size_t size = 0; size < 50; ++size) {
      for (std::size_t at = 0; at < size + 2; ++at) {
        for (const int byte : {0x00, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x5B, 0x5C, 0x5D, 0x7F, 0x80,
                               0x9F, 0xA2, 0xDC, 0xFF}) {
          std::string text = letters;
          text[start + at] = static_cast<char>(byte);
          if (agree(std::string_view{text}.substr(start, size))) continue;
          CAPTURE(start);
          CAPTURE(size);
          CAPTURE(at);
          CAPTURE(byte);
          CHECK(agree(std::string_view{text}.substr(start, size)));
        }
      }
    }
  }
  for (int byte = 0; byte < 256; ++byte) {
    CAPTURE(byte);
    CHECK(agree(std::string(20, 'a') + static_cast<char>(byte) + std::string(40, 'a')));
    CHECK(agree(std::string(40, static_cast<char>(byte))));
  }
}

TEST_CASE("check_value says of every string, and of where it ends, what its bytes say one by one") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  MESSAGE("seed " << seed);
  std::mt19937_64 random{seed};
  constexpr std::string_view pieces[] = {"a",
                                         "0123456789",
                                         "\\",
                                         "\"",
                                         "\\n",
                                         "\\u00e9",
                                         "\\u12",
                                         "\\\"",
                                         "\xC3\xA9",
                                         "\xE2\x82\xAC",
                                         "\xF0\x9F\x98\x80",
                                         "\x80",
                                         "\xED\xA0\x80",
                                         "\x1F",
                                         "\\x"};
  const std::regex string{"\"([^\"\\\\\\x00-\\x1F]|\\\\([\"\\\\/bfnrt]|u[0-9a-fA-F]{4}))*\""};
  for (int round = 0; round < 20'000; ++round) {
    std::string text = "\"";
    for (std::size_t count = random() % 12; count > 0; --count) {
      text += random() % 3 == 0 ? pieces[random() % std::size(pieces)] : pieces[random() % 2];
    }
    text += '"';
    std::smatch match;
    const bool whole =
        std::regex_search(text, match, string, std::regex_constants::match_continuous);
    const std::string token = whole ? match.str() : "";
    for (const auto& rules : {rules_to_read, rules_to_store}) {
      const char* end = nullptr;
      const bool taken = !json::check_value(text.data(), text.data() + text.size(), rules, end);
      const bool expected = whole && (!rules.valid_utf8 || is_utf8(token));
      if (taken == expected && (!taken || end == text.data() + token.size())) continue;
      CAPTURE(text);
      CHECK(taken == expected);
      CHECK(end - text.data() == static_cast<std::ptrdiff_t>(token.size()));
    }
  }
}

TEST_CASE("every escape of a character may end a string") {
  for (const char escaped : {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'}) {
    for (const std::size_t before : {0UL, 1UL, 20UL, 62UL, 63UL, 64UL, 100UL}) {
      const std::string token = '"' + std::string(before, 'a') + '\\' + escaped + '"';
      CAPTURE(token);
      CHECK(storable(token));
      CHECK(readable(token));
    }
  }
}

TEST_CASE("check_value stops behind the value") {
  const std::string_view text = R"({"a":[1,2]},"rest")";
  const char* end = nullptr;
  CHECK_FALSE(json::check_value(text.data(), text.data() + text.size(), rules_to_read, end));
  CHECK(end - text.data() == 11);
}

TEST_SUITE_END();

TEST_SUITE_BEGIN("corpus");

TEST_CASE("the JSON test suite's y_ files are read and its n_ files are not" *
          doctest::skip(test::corpus().empty())) {
  const auto folder = test::corpus() / "agent-logs/h-json-suites/nst__JSONTestSuite__test_parsing";
  int seen = 0;
  for (const auto& file : std::filesystem::directory_iterator{folder}) {
    const std::string name = file.path().filename();
    CAPTURE(name);
    const std::string text = test::read_text(file.path());
    ++seen;
    if (name.starts_with("y_")) {
      CHECK(readable(text));
      CHECK(storable(text) == (name.find("duplicated_key") == name.npos));
    }
    if (name.starts_with("n_")) {
      CHECK_FALSE(readable(text));
      CHECK_FALSE(storable(text));
    }
    if (storable(text)) CHECK(json::compact(json::compact(text)) == json::compact(text));
    std::string kept = "as it was";
    CHECK(!json::check_and_compact(text, json::rules_to_store, kept) == storable(text));
    CHECK(kept == (storable(text) ? json::compact(text) : "as it was"));
  }
  CHECK(seen > 300);
}

TEST_SUITE_END();

}  // namespace agentstore
