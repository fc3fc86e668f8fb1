#include "agentstore/internal/byte_pattern.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <random>
#include <string>

#include "agentstore/json.hpp"
#include "support/seed.hpp"

TEST_SUITE_BEGIN("byte_pattern");

namespace agentstore {
namespace {

bool is_in(const std::string& word, const std::string& json, bool fold_case = true) {
  return static_cast<bool>(BytePattern::of(word, fold_case).find(json));
}

char folded(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

/// Whether the text has the word, letter by letter; both are ASCII.
bool has(const std::string& text, const std::string& word, bool fold_case) {
  for (std::size_t at = 0; at + word.size() <= text.size(); ++at) {
    std::size_t i = 0;
    while (i < word.size() &&
           (fold_case ? folded(text[at + i]) == folded(word[i]) : text[at + i] == word[i]))
      ++i;
    if (i == word.size()) return true;
  }
  return false;
}

/// A string token of the text, in which any letter may be written as an escape.
std::string written(const std::string& text, std::mt19937& random) {
  std::string token = "\"";
  for (const char c : text) {
    const bool escape = random() % 40 == 0;
    char escaped[7];
    std::snprintf(escaped, sizeof escaped, random() % 2 == 0 ? "\\u%04x" : "\\u%04X",
                  static_cast<unsigned>(static_cast<unsigned char>(c)));
    const std::string quoted = json::quote(std::string{c});
    token += escape ? std::string{escaped} : quoted.substr(1, quoted.size() - 2);
  }
  return token + '"';
}

}  // namespace

TEST_CASE("a word is found in whatever case and way of writing it") {
  CHECK(is_in("lint", "\"run the LiNt job\""));
  CHECK(is_in("lint", "\"run the \\u006cint job\""));
  CHECK(is_in("lint", "\"run the \\u004C\\u0069nt job\""));
  CHECK_FALSE(is_in("lint", "\"run the job \\u001b[31m\""));
  CHECK_FALSE(is_in("Lint", "\"lint\"", false));
  CHECK(is_in("task",
              "\"ta\xC5\xBF"
              "k\""));
  CHECK(is_in("kelvin",
              "\"\xE2\x84\xAA"
              "elvin\""));
  CHECK(is_in("kelvin", "\"\\u212aelvin\""));
}

TEST_CASE("only what every way of writing has in common is looked for") {
  CHECK(BytePattern::of("a/bcd", true).size() == 3);
  CHECK(BytePattern::of("say \"hello\"", true).size() == 5);
  CHECK(BytePattern::of("\n", true).empty());
  CHECK(BytePattern::of("", true).empty());
  CHECK(BytePattern::of("\xD1\x8F", true).empty());  // It has two cases, whose bytes differ.
  CHECK(BytePattern::of("\xE4\xBF\xAE", true).size() == 3);
  CHECK(is_in("\xE4\xBF\xAE", "\"\\u4fee\""));
  CHECK(BytePattern::of("lint", true).decides());
  CHECK_FALSE(BytePattern::of("a/b", true).decides());
}

TEST_CASE("whatever JSON text has a word, it is found, at any distance and at the end") {
  const auto seed = test::seed();
  CAPTURE(seed);
  std::mt19937 random{static_cast<std::mt19937::result_type>(seed)};
  const std::string letters = "abkstuABKSTU019 \"\\/\n_";
  const auto some = [&](std::size_t most) {
    std::string text;
    for (std::size_t left = 1 + random() % most; left > 0; --left)
      text += letters[random() % letters.size()];
    return text;
  };
  std::size_t found = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = some(200);
    const std::string word = some(4);
    const bool fold_case = random() % 2 == 0;
    if (random() % 4 == 0) text += word;
    const std::string json = written(text, random);
    const BytePattern pattern = BytePattern::of(word, fold_case);
    CAPTURE(word);
    CAPTURE(json);
    const bool there = has(text, word, fold_case);
    found += there ? 1 : 0;
    if (there) REQUIRE(pattern.find(json));
    if (pattern.decides()) REQUIRE((pattern.find_text(text) != BytePattern::npos) == there);
  }
  CHECK(found > 1000);
}

}  // namespace agentstore
