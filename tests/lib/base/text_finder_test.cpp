#include "base/text_finder.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <string>

#include "support/seed.hpp"

namespace agentstore {

TEST_SUITE_BEGIN("text finder");

TEST_CASE("a text of seven bytes cannot be looked for") {
  TextFinder finder;
  CHECK_FALSE(finder.add("1234567", 1));
  CHECK(finder.empty());
  CHECK(finder.add("12345678", 1));
  CHECK_FALSE(finder.empty());
}

TEST_CASE("it finds what a search for each text finds") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  const auto text = [&](std::size_t size) {
    std::string made;
    while (made.size() < size) made += static_cast<char>('a' + random() % 2);
    return made;
  };
  TextFinder finder;
  std::map<std::string, std::size_t> texts;
  for (std::size_t tag = 0; tag < 50; ++tag)
    if (const auto [at, added] = texts.try_emplace(text(8 + random() % 6), tag); added)
      finder.add(at->first, tag);
  const std::string bytes = text(3000);
  std::map<std::size_t, std::size_t> found;
  finder.find(bytes, [&](std::size_t tag) {
    ++found[tag];
    return true;
  });
  for (const auto& [each, tag] : texts) {
    std::size_t count = 0;
    for (std::size_t at = bytes.find(each); at != bytes.npos; at = bytes.find(each, at + 1))
      ++count;
    CHECK(found[tag] == count);
  }
}

TEST_SUITE_END();

}  // namespace agentstore
