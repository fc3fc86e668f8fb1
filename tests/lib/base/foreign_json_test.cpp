#include "agentstore/internal/foreign_json.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "support/folder.hpp"
#include "support/random_json.hpp"
#include "support/seed.hpp"

namespace agentstore {
namespace {

// Both ways on text in memory of just its size: whether what simdjson parses is what `check` finds
// storable, and is walked as without notes. `parsed` counts.
bool agrees(std::string_view text, int& parsed) {
  static json::ForeignParser parser;
  const std::vector<char> bytes(text.begin(), text.end());
  const std::string_view copy{bytes.data(), bytes.size()};
  const auto value = parser.parse(copy);
  if (!value) return true;
  ++parsed;
  const std::string_view inner = json::trimmed(copy);
  return !json::check(copy, json::rules_to_store) && value->data() == inner.data() &&
         value->size() == inner.size() && test::same_walk(*value, inner) &&
         parser.compact() == (json::compact(inner).size() == inner.size());
}

bool is_parsed(std::string_view text) {
  int parsed = 0;
  return agrees(text, parsed) && parsed == 1;
}
bool is_left(std::string_view text) {
  int parsed = 0;
  return agrees(text, parsed) && parsed == 0;
}

std::string indented(std::string_view json, std::mt19937& random) {
  constexpr std::string_view spaces = " \t\r\n";
  std::string out;
  bool inside = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const bool structure = !inside && std::string_view{"{}[]:,"}.contains(json[i]);
    const auto space = [&] {
      for (std::size_t n = random() % 3; structure && n > 0; --n) out += spaces[random() % 4];
    };
    space();
    out += json[i];
    space();
    if (inside && json[i] == '\\') out += json[++i];
    else if (json[i] == '"') inside = !inside;
  }
  return out;
}

}  // namespace

TEST_SUITE_BEGIN("foreign json");

TEST_CASE("what simdjson parses is walked as it is without") {
  const auto seed = static_cast<unsigned>(test::seed());
  CAPTURE(seed);
  std::mt19937 random{seed};
  test::RandomJson values{seed};
  for (int round = 0; round < 3000; ++round) {
    const std::string text = "[" + values.value(4) + "]";
    CAPTURE(text);
    if (json::check(text, json::rules_to_store)) continue;  // two keys are equal
    CHECK(is_parsed(text));
    CHECK(is_parsed(indented(text, random)));
  }
}

TEST_CASE("what is changed anywhere is parsed only if it may be stored") {
  const auto seed = static_cast<unsigned>(test::seed());
  CAPTURE(seed);
  std::mt19937 random{seed};
  test::RandomJson values{seed};
  constexpr std::string_view bytes = "{}[]\",:\\u0eE+-. \t\ntfn/\x80\xC3\x01";
  int parsed = 0;
  for (int round = 0; round < 30'000; ++round) {
    std::string text = "{\"a\":" + values.value(3) + "}";
    const std::size_t at = random() % text.size();
    switch (random() % 4) {
      case 0: text[at] = bytes[random() % bytes.size()]; break;
      case 1: text.insert(at, 1, bytes[random() % bytes.size()]); break;
      case 2: text.erase(at, 1 + random() % 3); break;
      default: text.resize(at);
    }
    CAPTURE(text);
    CHECK(agrees(text, parsed));
  }
  CHECK(parsed > 3000);
}

TEST_CASE("numbers of any size, and the digits as they stand, are parsed") {
  for (const char* const number :
       {"-0", "9007199254740993", "123456789012345678901234567890", "1e400", "-1E-400", "0.10"})
    CHECK(is_parsed("[" + std::string{number} + "]"));
  for (const char* const bad : {"-", "01", "1.", "1e", "+1", ".5", "1 2", "0x1", "NaN", "1\"a\""})
    CHECK(is_left("[" + std::string{bad} + "]"));
}

TEST_CASE("words and strings are taken whole") {
  for (const char* const bad :
       {"truex", "tru", "nul", "fals e", "\"a\"b", "\"a\" \"b\"", "\"\\x\"", "\"\\u12\"", "\"\\",
        "\"a\n\"", "\"\xff\"", "\"\xed\xa0\x80\"", ",", "\"a\":1"})
    CHECK(is_left("[" + std::string{bad} + "]"));
  for (const char* const bad : {R"({"a" 1})",
                                R"({"a"::1})",
                                R"({"a":1:2})",
                                R"({"a":"b":2})",
                                R"({"a":1,})",
                                R"({,"a":1})",
                                R"({"a":})",
                                R"({1:2})",
                                R"({"a":1]})",
                                R"([1}])",
                                R"({"a":1} {})",
                                R"({}{})",
                                "[1,]",
                                "[,1]",
                                "[1 2]",
                                "{\"a\":1",
                                "",
                                " ",
                                "7",
                                "\"a\"",
                                "null"})
    CHECK(is_left(bad));
}

TEST_CASE("two equal keys of one object are left to the check, in any spelling") {
  for (const char* const text :
       {R"({"a":1,"a":1})", R"([{"x":{"k":1,"k":2}}])", R"({"a":1,"\u0061":2})",
        R"({"\/":1,"/":2})", R"({"a":{"b":1},"c":[{"d":{}}],"a":0})"})
    CHECK(is_left(text));
  std::string many = "{";
  for (int i = 0; i < 1000; ++i)
    many += "\"a key of some length, number " + std::to_string(i) + "\":0,";
  CHECK(is_parsed(many + "\"last\":0}"));
  CHECK(is_left(many + "\"a key of some length, number \\u0037\":0}"));
  CHECK(is_parsed(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}],"\u0063":1,"c ":2})"));
}

TEST_CASE("a check gives the same answer as the check without simdjson") {
  json::ForeignParser parser;
  for (const std::string& text :
       std::vector<std::string>{std::string{R"( {"a":[1,2]} )"}, std::string{R"({"a":1,"a":2})"},
                                std::string{"[\"\xff\"]"}, std::string{R"(["\ud800"])"},
                                std::string{"7"}, std::string{" \"x\" "}, std::string{"[1,"},
                                std::string(500, '[') + std::string(500, ']')}) {
    CAPTURE(text);
    for (const json::Rules& rules :
         {json::rules_to_store, json::rules_to_read, json::Rules{.depth_max = 1}}) {
      json::Value value;
      const auto wrong = parser.check(text, rules, value);
      const auto expected = json::check(text, rules);
      CHECK(wrong.has_value() == expected.has_value());
      if (wrong && expected) CHECK(wrong->offset_bytes == expected->offset_bytes);
      CHECK(value == (wrong ? std::string_view{} : json::trimmed(text)));
      if (value.note() != nullptr) CHECK(test::same_walk(value, json::trimmed(text)));
    }
  }
}

TEST_CASE("a parser may be moved, and takes texts of any length after one another") {
  json::ForeignParser parser;
  for (const std::size_t size : {10UL, 100'000UL, 20UL, 5'000'000UL, 30UL}) {
    const std::string text = "[\"" + std::string(size, 'x') + "\"]";
    json::ForeignParser other = std::move(parser);
    const auto value = other.parse(text);
    CHECK(value.has_value() == (size < 4'000'000));  // One too long is left to the check.
    if (value) CHECK(json::Walk{*value}.next());
    parser = std::move(other);
  }
}

TEST_SUITE_END();

TEST_SUITE_BEGIN("corpus");

TEST_CASE("both ways give the same of every file and every line of the corpus" *
          doctest::skip(test::corpus().empty())) {
  int parsed = 0;
  int storable = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{test::corpus()}) {
    if (!entry.is_regular_file()) continue;
    CAPTURE(entry.path().string());
    std::ifstream file{entry.path(), std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    bool all = agrees(text, parsed);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const auto line = std::string_view{text}.substr(at, end - at);
      const bool container = line.starts_with('{') || line.starts_with('[');
      if (container && !json::check(line, json::rules_to_store)) ++storable;
      all = all && agrees(line, parsed);
      at = end + 1;
    }
    CHECK(all);
  }
  // Nearly all that may be stored is parsed: what simdjson refuses is rare.
  CHECK(parsed > storable * 9 / 10);
}

TEST_SUITE_END();

}  // namespace agentstore
