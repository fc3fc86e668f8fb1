#include "agentstore/internal/nearest.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace agentstore {

TEST_SUITE("nearest") {
  const std::vector<std::string> words{"replay", "repair", "redact", "stats", "state", "diff"};

  TEST_CASE(
      "a slip of the fingers is found: a letter more, less, other, or two that changed places") {
    CHECK(nearest("replayy", words) == "replay");
    CHECK(nearest("repla", words) == "replay");
    CHECK(nearest("rexlay", words) == "replay");
    CHECK(nearest("relpay", words) == "replay");
    CHECK(nearest("dif", words) == "diff");
  }

  TEST_CASE("of two that are as near the first one is given") {
    CHECK(nearest("statx", words) == "stats");
  }

  TEST_CASE("one that begins with the word is meant, before any that is near it") {
    CHECK(nearest("sta", words) == "stats");
    CHECK(nearest("red", words) == "redact");
    CHECK(nearest("--sto", std::vector<std::string>{"--seq", "--store"}) == "--store");
    CHECK(nearest("--pro", std::vector<std::string>{"--projection", "--project"}) == "--project");
    CHECK(nearest("--s", std::vector<std::string>{"--store"}).empty());
  }

  TEST_CASE("what is not near anything has none") {
    for (const std::string word : {"", "x", "checkpoint", "zzzzzz"}) {
      CAPTURE(word);
      CHECK(nearest(word, words).empty());
    }
    CHECK(nearest("ab", std::vector<std::string>{"cd"}).empty());
    CHECK(nearest(std::string(1000, 'a'), std::vector<std::string>{std::string(999, 'a')}).empty());
    CHECK(nearest("replay", {}).empty());
  }

  TEST_CASE("a field is found by what people call it first") {
    const std::vector<std::string> fields{"cost_usd", "cost_total_usd", "errors", "tokens_out"};
    CHECK(nearest("cost", fields) == "cost_usd");
    CHECK(nearest_field_name("cost", fields) == "cost_total_usd");
    CHECK(nearest_field_name("tokens", fields) == "tokens_out");
    CHECK(nearest_field_name("error", fields) == "errors");
    CHECK(nearest_field_name("bogus", fields).empty());
  }
}

}  // namespace agentstore
