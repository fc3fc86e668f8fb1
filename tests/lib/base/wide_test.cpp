#include "base/wide.hpp"

#include <doctest/doctest.h>

#include <string>

namespace agentstore {
namespace {

Wide wide(std::string_view digits) {
  Wide value{};
  for (const char digit : digits) append_digit(value, static_cast<unsigned>(digit - '0'));
  return value;
}

constexpr std::string_view longest =
    "123456789012345678901234567890123456789012345678901234567890123456789012345";

}  // namespace

TEST_SUITE("wide numbers") {
  TEST_CASE("75 digits go in and come out, one by one") {
    static_assert(longest.size() == 75);
    Wide value = wide(longest);
    CHECK(fits(value));
    CHECK(digits_of(value) == longest);
    for (std::size_t left = longest.size(); left-- > 0;)
      CHECK(drop_digit(value) == static_cast<unsigned>(longest[left] - '0'));
    CHECK(is_zero(value));
    CHECK(digits_of(value).empty());
  }

  TEST_CASE("sums and differences carry over every part") {
    Wide value = wide("18446744073709551615");  // 2^64 - 1
    add(value, wide("1"));
    CHECK(value == Wide{0, 1, 0, 0});
    subtract(value, wide("1"));
    CHECK(digits_of(value) == "18446744073709551615");
    Wide all = wide("340282366920938463463374607431768211455");  // 2^128 - 1
    add(all, wide("1"));
    CHECK(all == Wide{0, 0, 1, 0});
    subtract(all, all);
    CHECK(is_zero(all));
  }

  TEST_CASE("the most significant part decides an order") {
    CHECK(compare(wide("9"), wide("10")) < 0);
    CHECK(compare(Wide{0, 0, 0, 1}, Wide{~0ULL, ~0ULL, ~0ULL, 0}) > 0);
    CHECK(compare(wide(longest), wide(longest)) == 0);
  }

  TEST_CASE("253 bits do not fit") {
    CHECK(fits(Wide{0, 0, 0, (1ULL << 60) - 1}));
    CHECK_FALSE(fits(Wide{0, 0, 0, 1ULL << 60}));
  }
}

}  // namespace agentstore
