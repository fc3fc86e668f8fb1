#include "agentstore/metadata.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>

namespace agentstore {

TEST_SUITE("metadata") {
  TEST_CASE("what is said comes back from the JSON that it becomes, in the order of the format") {
    const Metadata said{.worker_id = "w",
                        .tokens_in = 12,
                        .tokens_out = 0,
                        .model = "m-1",
                        .tool_name = "search \"x\"",
                        .duration_ms = -3,
                        .cost_usd = 0.25,
                        .extra = {{"a", "1"}, {"b", "\n"}},
                        .causation_id = "c",
                        .correlation_id = "d",
                        .schema_version = 2};
    const std::string json = said.to_json();
    CHECK(
        json ==
        R"({"worker_id":"w","tokens_in":12,"tokens_out":0,"model":"m-1","tool_name":"search \"x\"",)"
        R"("duration_ms":-3,"cost_usd":0.25,"extra":{"a":"1","b":"\n"},"causation_id":"c",)"
        R"("correlation_id":"d","schema_version":2})");
    CHECK(Metadata::of(json) == said);
    CHECK(Metadata{}.to_json() == "{}");
  }

  TEST_CASE("a value of another form is absent, not zero") {
    const Metadata said = Metadata::of(
        R"({"tokens_in":"12","tokens_out":1.5,"model":null,"cost_usd":[],"extra":{"n":1,"t":"x"}})");
    CHECK(said == Metadata{.extra = {{"t", "x"}}});
    CHECK(Metadata::of("[]") == Metadata{});
    CHECK(Metadata::of("null") == Metadata{});
  }

  TEST_CASE("the case of a key's letters does not count, and the last of equal keys does") {
    CHECK(Metadata::of(R"({"Tokens_In":1,"TOKENS_IN":2})").tokens_in == 2);
    CHECK_FALSE(Metadata::of(R"({"model":"m","Model":7})").model);
  }

  TEST_CASE("a cost that is not finite is left out") {
    CHECK(Metadata{.cost_usd = std::numeric_limits<double>::infinity()}.to_json() == "{}");
    CHECK(Metadata{.cost_usd = std::numeric_limits<double>::quiet_NaN()}.to_json() == "{}");
  }
}

}  // namespace agentstore
