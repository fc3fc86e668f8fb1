#include "formats/text/wrap.hpp"

#include <doctest/doctest.h>

using namespace agentstore::formats;

TEST_SUITE_BEGIN("wrap");

TEST_CASE("a text breaks between words, and goes on at its indent") {
  const Screen narrow{.columns = 20};
  CHECK(wrapped("what it cost is unknown to us", narrow, 2) == "what it cost is\n  unknown to us");
  CHECK(wrapped("what it cost", narrow, 4, 12) == "what it\n    cost");
  CHECK(wrapped("", narrow, 2).empty());
}

TEST_CASE("a path is never cut, and a pipe gets all on one line") {
  const std::string text = "see /srv/agents/agent-data/events/s.jsonl for it";
  CHECK(wrapped(text, {.columns = 20}, 2) ==
        "see\n  /srv/agents/agent-data/events/s.jsonl\n  for it");
  CHECK(wrapped(text, {}, 2) == text);
  CHECK(wrapped(text, {.columns = 20, .wide = true}, 2) == text);
}

TEST_CASE("no line starts with what a CI runner takes for a command") {
  CHECK(wrapped("aaaaaaaaaaaa ::error::x", {.columns = 14}, 2) == "aaaaaaaaaaaa ::error::x");
}

TEST_SUITE_END();
