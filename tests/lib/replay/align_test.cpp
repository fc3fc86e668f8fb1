#include "replay/align.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string_view>

namespace agentstore {
namespace {

std::vector<Fingerprint> prints_of(std::string_view letters) {
  std::vector<Fingerprint> prints;
  for (const char letter : letters) prints.push_back({static_cast<unsigned char>(letter), 0});
  return prints;
}

std::size_t matched(const Alignment& alignment) {
  std::size_t sum = 0;
  for (const Match& match : alignment.matches) sum += match.size;
  return sum;
}

// The matches are in order, and match.
bool is_valid(const Alignment& alignment, const std::vector<Fingerprint>& a,
              const std::vector<Fingerprint>& b) {
  std::size_t in_a = 0;
  std::size_t in_b = 0;
  for (const auto& [at_a, at_b, size] : alignment.matches) {
    if (size == 0 || at_a < in_a || at_b < in_b || at_a + size > a.size() ||
        at_b + size > b.size()) {
      return false;
    }
    for (std::size_t i = 0; i < size; ++i)
      if (a[at_a + i] != b[at_b + i]) return false;
    in_a = at_a + size;
    in_b = at_b + size;
  }
  return true;
}

// The length of a longest common subsequence, by the table that everybody knows.
std::size_t longest(const std::vector<Fingerprint>& a, const std::vector<Fingerprint>& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (const Fingerprint& one : a) {
    std::size_t diagonal = 0;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t above = row[j + 1];
      row[j + 1] = one == b[j] ? diagonal + 1 : std::max(above, row[j]);
      diagonal = above;
    }
  }
  return row.back();
}

std::vector<Fingerprint> random_prints(std::mt19937& random, std::size_t size_max,
                                       std::uint64_t letters) {
  std::vector<Fingerprint> prints(random() % (size_max + 1));
  for (Fingerprint& print : prints) print = {random() % letters, 0};
  return prints;
}

}  // namespace

TEST_SUITE("align") {
  TEST_CASE("sequences that are equal, empty, or have nothing in common") {
    CHECK(align(prints_of("abc"), prints_of("abc"), 100).matches == std::vector<Match>{{0, 0, 3}});
    CHECK(align({}, prints_of("abc"), 100).matches.empty());
    CHECK(align({}, {}, 100).matches.empty());
    CHECK(align(prints_of("abc"), prints_of("xyz"), 100).matches.empty());
    CHECK(align(prints_of("abxcd"), prints_of("abycd"), 100).matches ==
          std::vector<Match>{{0, 0, 2}, {3, 3, 2}});
  }

  TEST_CASE("matches are as many as there can be, and with a cut-off still matches") {
    std::mt19937 random{20260307};
    for (int round = 0; round < 3000; ++round) {
      CAPTURE(round);
      const std::uint64_t letters = 1 + random() % 6;
      const auto a = random_prints(random, 40, letters);
      const auto b = random_prints(random, 40, letters);
      const Alignment best = align(a, b, 1000);
      REQUIRE(is_valid(best, a, b));
      REQUIRE(best.shortest);
      REQUIRE(matched(best) == longest(a, b));
      for (const std::size_t cost_max : {std::size_t{1}, std::size_t{3}}) {
        const Alignment cut = align(a, b, cost_max);
        REQUIRE(is_valid(cut, a, b));
        REQUIRE((!cut.shortest || matched(cut) == matched(best)));
      }
    }
  }

  TEST_CASE("sequences without anything in common end soon") {
    std::mt19937 random{7};
    std::vector<Fingerprint> a(100'000);
    std::vector<Fingerprint> b(100'000);
    for (Fingerprint& print : a) print = {random(), 1};
    for (Fingerprint& print : b) print = {random(), 2};
    a.back() = b.back() = {0, 0};
    const Alignment alignment = align(a, b, 64);
    CHECK_FALSE(alignment.shortest);
    CHECK(alignment.matches == std::vector<Match>{{99'999, 99'999, 1}});
  }
}
}  // namespace agentstore
