#include "query/numbers.hpp"

#include <doctest/doctest.h>

#include <string>

namespace agentstore {
namespace {

Number number(std::string_view token) {
  return exact_number(token).value();
}

std::string text(const Result<Number>& result) {
  return result ? to_string(*result) : "refused";
}

}  // namespace

TEST_SUITE("numbers of expressions") {
  TEST_CASE("a number is an INTEGER, or a REAL whose shortest decimal it is, or refused") {
    CHECK(std::holds_alternative<std::int64_t>(number("9223372036854775807")));
    CHECK(std::holds_alternative<std::int64_t>(number("1.0")));
    CHECK(std::holds_alternative<std::int64_t>(number("1e3")));
    CHECK(std::holds_alternative<double>(number("0.1")));
    CHECK(std::holds_alternative<double>(number("1e300")));
    for (const char* const token :
         {"9223372036854775809", "0.12345678901234567890", "1e400", "123456789.123456789123"}) {
      CAPTURE(token);
      REQUIRE_FALSE(exact_number(token));
      CHECK(exact_number(token).error().code == Code::overflow);
    }
    CHECK(exact_number("x").error().code == Code::invalid);
  }

  TEST_CASE("sums and differences are those of decimals") {
    CHECK(text(sum_of(number("0.1"), number("0.2"))) == "0.3");
    CHECK(text(difference_of(number("0.3"), number("0.1"))) == "0.2");
    CHECK(text(difference_of(number("1"), number("1.0"))) == "0");
    CHECK(text(sum_of(number("9223372036854775807"), number("1"))) == "9223372036854775808");
    CHECK(text(sum_of(number("9223372036854775807"), number("0.5"))) == "refused");
  }

  TEST_CASE("products of integers are exact or refused; other results have fifteen digits") {
    CHECK(text(product_of(number("3"), number("0.1"))) == "0.3");
    CHECK(text(product_of(number("3037000500"), number("3037000500"))) == "refused");
    CHECK(text(product_of(number("1e300"), number("1e300"))) == "refused");
    CHECK(text(quotient_of(number("1"), number("3"))) == "0.333333333333333");
    CHECK(text(quotient_of(number("6"), number("3"))) == "2");
  }

  TEST_CASE("numbers of both kinds have one order") {
    CHECK(compare(number("0.5"), number("1")) < 0);
    CHECK(compare(number("2251799813685249"), number("2251799813685248.5")) > 0);
    CHECK(compare(number("2"), number("2.0")) == 0);
    CHECK(compare(number("-0.1"), number("-0.2")) > 0);
  }
}

}  // namespace agentstore
