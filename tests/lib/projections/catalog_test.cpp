#include <doctest/doctest.h>

#include "agentstore/ledger.hpp"
#include "agentstore/projection.hpp"

namespace agentstore {

TEST_SUITE("catalog of projections") {
  TEST_CASE("each name makes a projection that is called so, with a version and a state") {
    for (const ProjectionKind& kind : projection_kinds()) {
      CAPTURE(kind.name);
      const auto make = projection_named(kind.name, casino_ledger());
      REQUIRE(make);
      const auto projection = (*make)("s");
      CHECK(projection->name() == kind.name);
      CHECK(projection->version() > 0);
      CHECK(projection->to_json().starts_with('{'));
    }
  }

  TEST_CASE("another name is refused, and says which there are") {
    const auto none = projection_named("balances");
    REQUIRE_FALSE(none);
    CHECK(none.error().code == Code::invalid);
    for (const ProjectionKind& kind : projection_kinds())
      CHECK(none.error().hint.contains(kind.name));
  }
}

}  // namespace agentstore
