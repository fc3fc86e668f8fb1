#include "projections/run_totals.hpp"

#include <doctest/doctest.h>

namespace agentstore {
namespace {

constexpr const char* model = R"("large")";

ResponseUse use(std::int64_t in, std::int64_t out, const char* cost = nullptr) {
  ResponseUse made;
  made.tokens_in = in;
  made.tokens_out = out;
  if (cost != nullptr) made.cost_usd = *Decimal::parse(cost);
  return made;
}

TEST_SUITE("run totals") {
  TEST_CASE("a total alone counts as it is") {
    RunTotals runs;
    runs.add_total("s", model, use(10, 20, "0.5"));
    CHECK(runs.rest_of("s", model, use(10, 20, "0.5")) == use(10, 20, "0.5"));
  }

  TEST_CASE("beside its responses it counts as far as they leave something of it") {
    RunTotals runs;
    runs.add_total("s", model, use(10, 20, "0.5"));
    runs.add_response("s", model, use(7, 20));
    runs.add_response("other", model, use(100, 100));
    CHECK(runs.covers("s", model));
    CHECK_FALSE(runs.covers("other", model));
    CHECK(runs.rest_of("s", model, use(10, 20, "0.5")) == use(3, 0, "0.5"));
  }

  TEST_CASE("a total that does not have all of the responses says nothing of what they cost") {
    RunTotals runs;
    runs.add_total("s", model, use(10, 20, "0.5"));
    runs.add_response("s", model, use(30, 40));
    CHECK_FALSE(runs.covers("s", model));
    CHECK(runs.rest_of("s", model, use(10, 20, "0.5")) == ResponseUse{});
  }

  TEST_CASE("sub-agents are of their session, and a model is itself in any context") {
    RunTotals runs;
    runs.add_total("s", R"("large[1m]")", use(10, 20));
    runs.add_response("agent-a.s", model, use(4, 5));
    CHECK(runs.rest_of("s", R"("large[1m]")", use(10, 20)) == use(6, 15));
  }

  TEST_CASE("a total that names no model is of all of them") {
    RunTotals runs;
    runs.add_total("s", "", use(10, 20));
    runs.add_response("s", model, use(10, 20));
    CHECK(runs.rest_of("s", "", use(10, 20)) == ResponseUse{});
  }

  TEST_CASE("two totals share what responses told") {
    RunTotals runs;
    runs.add_total("s", model, use(10, 10));
    runs.add_total("agent-a.s", model, use(10, 10));
    runs.add_response("s", model, use(15, 15));
    CHECK(runs.rest_of("s", model, use(10, 10)) == ResponseUse{});
    CHECK(runs.rest_of("agent-a.s", model, use(10, 10)) == use(5, 5));
  }
}

}  // namespace
}  // namespace agentstore
