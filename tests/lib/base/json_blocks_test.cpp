#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "agentstore/json.hpp"
#include "support/random_json.hpp"

namespace agentstore {
TEST_SUITE_BEGIN("json");

TEST_CASE("a walk gives each value whole, wherever its blocks begin") {
  const unsigned seed = 20260307;
  CAPTURE(seed);
  test::RandomJson values{seed};
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string> expected;
    std::string array = "[";
    for (std::size_t left = values.below(8); left > 0; --left) {
      expected.push_back(values.value(3));
      array += (expected.size() > 1 ? "," : "") + expected.back();
    }
    array += ']';
    CAPTURE(array);
    REQUIRE_FALSE(json::check(array, json::rules_to_read));
    // What stands behind a value must not matter.
    CHECK(json::first_value(array + R"(],"a":"b\"c")") == array);
    std::size_t at = 0;
    for (json::Walk walk{array}; walk.next(); ++at) {
      REQUIRE(at < expected.size());
      REQUIRE(walk.value() == expected[at]);
    }
    REQUIRE(at == expected.size());
  }
}

TEST_CASE("what is wrong with a text is said in the same words, by blocks or byte by byte") {
  // ASCII, so that the look at UTF-8, which blocks are not made for, changes nothing.
  constexpr json::Rules byte_by_byte{.depth_max = 10'000, .unique_keys = false, .valid_utf8 = true};
  constexpr std::string_view strange{"\"\\\x01{}[],:u0\x1F \x7F\n"};
  const unsigned seed = 20260308;
  CAPTURE(seed);
  test::RandomJson values{seed};
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = values.value(3);
    if (values.below(4) == 0) text.resize(values.below(text.size() + 1));
    else if (!text.empty()) text[values.below(text.size())] = strange[values.below(strange.size())];
    CAPTURE(text);
    const auto fast = json::check(text, json::rules_to_read);
    const auto slow = json::check(text, byte_by_byte);
    REQUIRE(fast.has_value() == slow.has_value());
    if (!fast) continue;
    ++refused;
    REQUIRE(fast->offset_bytes == slow->offset_bytes);
    REQUIRE(std::string_view{fast->what} == slow->what);
  }
  CHECK(refused > 5000);
}

TEST_SUITE_END();

}  // namespace agentstore
