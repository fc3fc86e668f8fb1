#include "formats/text/difference.hpp"

#include <doctest/doctest.h>

namespace agentstore::formats {
TEST_SUITE("difference") {
  TEST_CASE("differences are exact, and of numbers alone") {
    CHECK(difference_of("727.55", "1068.1") == "340.55");
    CHECK(difference_of("0.3", "0.1") == "-0.2");
    CHECK(difference_of("1e2", "100") == "0");
    CHECK_FALSE(difference_of("\"1\"", "2"));
    CHECK_FALSE(difference_of("null", "2"));
    CHECK_FALSE(difference_of("[1]", "[2]"));
    CHECK_FALSE(difference_of("", "2"));
  }

  TEST_CASE("for people they have a sign") {
    CHECK(difference_text("1", "3.50") == "+2.5");
    CHECK(difference_text("3", "1") == "-2");
    CHECK(difference_text("3", "3") == "0");
    CHECK(difference_text("true", "3") == "-");
  }
}
}  // namespace agentstore::formats
