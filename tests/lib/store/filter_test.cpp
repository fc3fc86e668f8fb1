#include "agentstore/filter.hpp"
#include "support/seed.hpp"

#include <doctest/doctest.h>

#include <random>
#include <regex>

namespace agentstore {

TEST_SUITE_BEGIN("filter");

TEST_CASE("a star stands for any text, and nothing else stands for more than itself") {
  for (const auto& [pattern, type] : {std::pair{"*", ""},
                                      {"*", "x"},
                                      {"", ""},
                                      {"tool_*", "tool_"},
                                      {"tool_*", "tool_called"},
                                      {"*_result", "tool_result"},
                                      {"*ool*ult", "tool_result"},
                                      {"a*b*c", "abbcbc"},
                                      {"**", "x"},
                                      {"a**c", "abc"},
                                      {"*.*", "a.b"}}) {
    CAPTURE(pattern);
    CAPTURE(type);
    CHECK(matches_pattern(pattern, type));
  }
  for (const auto& [pattern, type] : {std::pair{"", "x"},
                                      {"x", ""},
                                      {"tool", "tool_called"},
                                      {"tool_*", "Tool_called"},
                                      {"a?c", "abc"},
                                      {"a.c", "abc"},
                                      {"[a]", "a"},
                                      {"a*b", "abc"},
                                      {"*a", "ab"}}) {
    CAPTURE(pattern);
    CAPTURE(type);
    CHECK_FALSE(matches_pattern(pattern, type));
  }
}

TEST_CASE("patterns match as regular expressions of the same meaning do") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  MESSAGE("seed " << seed);
  std::mt19937_64 random{seed};
  for (int round = 0; round < 3'000; ++round) {
    std::string pattern;
    std::string expression;
    std::string type;
    for (std::size_t i = random() % 7; i > 0; --i) {
      const char c = "ab*"[random() % 3];
      pattern += c;
      expression += c == '*' ? std::string{".*"} : std::string{c};
    }
    for (std::size_t i = random() % 8; i > 0; --i) type += "ab"[random() % 2];
    CAPTURE(pattern);
    CAPTURE(type);
    REQUIRE(matches_pattern(pattern, type) == std::regex_match(type, std::regex{expression}));
  }
}

TEST_CASE("many stars cost no more than few") {
  std::string pattern;
  for (int i = 0; i < 60; ++i) pattern += "a*";
  CHECK_FALSE(matches_pattern(pattern + "b", std::string(120, 'a')));
}

TEST_SUITE_END();

}  // namespace agentstore
