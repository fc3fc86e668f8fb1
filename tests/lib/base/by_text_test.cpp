#include "agentstore/internal/by_text.hpp"
#include "support/seed.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>

namespace agentstore {

TEST_SUITE_BEGIN("by text");

TEST_CASE("every text has a value of its own, in the order that they came") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  ByText<int> table;
  for (int round = 0; round < 3; ++round) {
    std::map<std::string, int> known;
    std::vector<std::string> order;
    for (int i = 0; i < 3'000; ++i) {
      // Of a few letters, and of lengths around those that are told apart by their ends alone.
      std::string text(random() % 20, 'a');
      for (char& c : text) c = "ab\0"[random() % 3];
      if (!known.contains(text)) order.push_back(text);
      REQUIRE((table.find(text) != nullptr) == known.contains(text));
      ++known[text];
      REQUIRE(++table[text] == known[text]);
    }
    REQUIRE(table.size() == known.size());
    std::size_t at = 0;
    for (const auto& [text, count] : table) {
      REQUIRE(text == order[at++]);
      REQUIRE(count == known[text]);
    }
    table.clear();
    REQUIRE(table.size() == 0);
    REQUIRE(table.find("a") == nullptr);
  }
}

TEST_SUITE_END();

}  // namespace agentstore
