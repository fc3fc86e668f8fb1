#include "agentstore/decimal.hpp"
#include "support/seed.hpp"

#include <doctest/doctest.h>

#include <random>

namespace agentstore {
namespace {

Decimal decimal(std::string_view text) {
  const auto parsed = Decimal::parse(text);
  REQUIRE_MESSAGE(parsed, text);
  return *parsed;
}
std::string sum(std::string_view left, std::string_view right) {
  return decimal(left).plus(decimal(right)).value().to_string();
}

}  // namespace

TEST_SUITE_BEGIN("decimal");

TEST_CASE("a hundred and twenty times 0.1 is 12") {
  Decimal total;
  for (int i = 0; i < 120; ++i) total = total.plus(decimal("0.1")).value();
  CHECK(total.to_string() == "12");
  CHECK(total == decimal("12"));
}

TEST_CASE("numbers are written with all their digits and without an exponent") {
  struct Known {
    const char* text;
    const char* shown;
  };
  for (const auto& [text, shown] :
       {Known{"0", "0"},
        {"-0", "0"},
        {"0.000", "0"},
        {"0e99999999999", "0"},
        {"12", "12"},
        {"-12.50", "-12.5"},
        {"1e3", "1000"},
        {"1E+3", "1000"},
        {"1e-7", "0.0000001"},
        {"-1.5e-3", "-0.0015"},
        {"123.456e2", "12345.6"},
        {"123.456e3", "123456"},
        {"100", "100"},
        {"1.10", "1.1"},
        {"0.0126", "0.0126"},
        {"99999999999999999999999999999999999999", "99999999999999999999999999999999999999"},
        {"0.99999999999999999999999999999999999999", "0.99999999999999999999999999999999999999"},
        {"100000000000000000000000000000000000000000000000",
         "100000000000000000000000000000000000000000000000"}}) {
    CAPTURE(text);
    CHECK(decimal(text).to_string() == shown);
  }
}

TEST_CASE("sums are exact") {
  CHECK(sum("0.1", "0.2") == "0.3");
  CHECK(sum("1e20", "1e-10") == "100000000000000000000.0000000001");
  CHECK(sum("9007199254740993", "1") == "9007199254740994");
  CHECK(sum("-0.1", "0.1") == "0");
  CHECK(sum("-5", "2.5") == "-2.5");
  CHECK(sum("99999999999999999999999999999999999999", "1") ==
        "100000000000000000000000000000000000000");
  CHECK(sum("0", "1e-30") == "0.000000000000000000000000000001");
  CHECK(sum("1e28", "1e-18") == "10000000000000000000000000000.000000000000000001");
  CHECK(sum("-1e28", "1e-18") == "-9999999999999999999999999999.999999999999999999");
  CHECK(sum("1e28", "-1e28") == "0");
}

TEST_CASE("what cannot be held exactly is an overflow, not a rounding") {
  const auto code = [](std::string_view text) { return Decimal::parse(text).error().code; };
  CHECK(code(std::string(76, '9')) == Code::overflow);
  CHECK(code("1e999999999999") == Code::overflow);
  CHECK(code("1e-100001") == Code::overflow);
  CHECK(decimal("1e60").plus(decimal("1e-60")).error().code == Code::overflow);
  CHECK(decimal(std::string(75, '9')).to_string() == std::string(75, '9'));
}

TEST_CASE("the sums next to the largest number are exact, or refused") {
  const Decimal largest =
      decimal("7237005577332262213973186563042994240829374041602535252466099000494570602495");
  CHECK(largest.plus(decimal("1")).error().code == Code::overflow);
  CHECK(largest.negated().plus(decimal("-1")).error().code == Code::overflow);
  CHECK(largest.negated().negated() == largest);
}

TEST_CASE("quotients are rounded half to even") {
  const auto quotient = [](std::string_view dividend, std::string_view divisor, int places) {
    return decimal(dividend).divided_by(decimal(divisor), places).value().to_string();
  };
  CHECK(quotient("2", "3", 6) == "0.666667");
  CHECK(quotient("1", "3", 6) == "0.333333");
  CHECK(quotient("-2", "3", 6) == "-0.666667");
  CHECK(quotient("2", "-3", 0) == "-1");
  CHECK(quotient("0", "3", 6) == "0");
  CHECK(quotient("1", "2", 0) == "0");
  CHECK(quotient("3", "2", 0) == "2");
  CHECK(quotient("5", "2", 0) == "2");
  CHECK(quotient("-5", "2", 0) == "-2");
  CHECK(quotient("2.5000000000000000000000000000001", "1", 0) == "3");
  CHECK(quotient("2500001", "1e6", 0) == "3");
  CHECK(quotient("99.95", "1", 1) == "100");
  CHECK(quotient("1e60", "1e-60", 0) == decimal("1e120").to_string());
  CHECK(quotient("1e-60", "1e60", 6) == "0");
  const std::string nines(75, '9');
  CHECK(quotient(nines, nines, 6) == "1");
  CHECK(quotient("1", nines, 76) == decimal("1e-75").to_string());
  CHECK(decimal("1").divided_by(Decimal{}, 6).error().code == Code::invalid);
  CHECK(decimal("1e1001").divided_by(decimal("1"), 0).error().code == Code::overflow);
}

TEST_CASE("what is no number is invalid") {
  for (const char* const text : {"", "-", ".5", "1.", "1e", "1e+", "1e+-5", "1x", "x", "1 ", " 1",
                                 "1.2.3", "+1", "--1", "1e5.5", "NaN"}) {
    CAPTURE(text);
    const auto parsed = Decimal::parse(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == Code::invalid);
  }
}

TEST_CASE("order is by value, across exponents and signs") {
  const char* const ascending[] = {
      "-1e50", "-100", "-99.5", "-1",   "-1e-9", "0",   "1e-30", "1e-9", "0.1",  "0.11", "1",
      "1.5",   "9",    "10",    "99.5", "100",   "123", "1230",  "1e20", "1e50", "2e50", "1e1000"};
  for (std::size_t i = 0; i < std::size(ascending); ++i) {
    for (std::size_t j = 0; j < std::size(ascending); ++j) {
      CAPTURE(ascending[i]);
      CAPTURE(ascending[j]);
      CHECK((decimal(ascending[i]) <=> decimal(ascending[j])) == (i <=> j));
    }
  }
  CHECK(decimal("1.0") == decimal("1"));
  CHECK(decimal("1000") == decimal("1e3"));
  CHECK(Decimal::from_integer(INT64_MIN).to_string() == "-9223372036854775808");
  CHECK(Decimal::from_integer(1000) == decimal("1e3"));
}

TEST_CASE("sums of cents are those of integers, and texts read back as themselves") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  std::uniform_int_distribution<std::int64_t> cents{-1'000'000'000'000, 1'000'000'000'000};
  const auto from_cents = [](std::int64_t value) { return decimal(std::to_string(value) + "e-2"); };
  for (int i = 0; i < 5'000; ++i) {
    const std::int64_t left = cents(random);
    const std::int64_t right = cents(random);
    const Decimal total = from_cents(left).plus(from_cents(right)).value();
    REQUIRE(total == from_cents(left + right));
    REQUIRE(decimal(total.to_string()) == total);
    REQUIRE((from_cents(left) <=> from_cents(right)) == (left <=> right));
    REQUIRE(from_cents(left).is_negative() == (left < 0));
    REQUIRE(from_cents(left).plus(from_cents(left).negated())->is_zero());
    REQUIRE(from_cents(left).divided_by(decimal("4"), 4) ==
            decimal(std::to_string(left * 25) + "e-4"));
  }
}

TEST_CASE("products are exact, or overflow") {
  const auto product = [](std::string_view left, std::string_view right) {
    return decimal(left).times(decimal(right)).value().to_string();
  };
  CHECK(product("0", "12.5") == "0");
  CHECK(product("1.1", "5") == "5.5");
  CHECK(product("-0.3", "1000000") == "-300000");
  CHECK(product("-0.5", "-0.2") == "0.1");
  CHECK(product("99999999999999999999999999999999999", "99999999999999999999999999999999999") ==
        "9999999999999999999999999999999999800000000000000000000000000000000001");
  CHECK(decimal("12.5").shifted(-6).value().to_string() == "0.0000125");
  const std::string long_number(60, '7');
  CHECK(decimal(long_number).times(decimal(long_number)).error().code == Code::overflow);
  CHECK(decimal("1e90000").times(decimal("1e90000")).error().code == Code::overflow);
}

TEST_SUITE_END();

}  // namespace agentstore
