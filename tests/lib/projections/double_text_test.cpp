#include "projections/double_text.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace agentstore {

// Expectations: what Go's encoding/json prints, but for the sign and digits of an exponent.
TEST_SUITE("doubles as text") {
  TEST_CASE("plain digits from a millionth up to a sextillion") {
    CHECK(text_of_double(0) == "0");
    CHECK(text_of_double(0.1 + 0.2) == "0.30000000000000004");
    CHECK(text_of_double(1e-6) == "0.000001");
    CHECK(text_of_double(-1234.5) == "-1234.5");
    CHECK(text_of_double(1e20) == "100000000000000000000");
  }

  TEST_CASE("an exponent outside of that") {
    CHECK(text_of_double(1e21) == "1e+21");
    CHECK(text_of_double(9.9e-7) == "9.9e-07");
    CHECK(text_of_double(std::numeric_limits<double>::max()) == "1.7976931348623157e+308");
    CHECK(text_of_double(std::numeric_limits<double>::denorm_min()) == "5e-324");
  }
}

}  // namespace agentstore
