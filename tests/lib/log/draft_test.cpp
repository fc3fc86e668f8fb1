#include "log/draft.hpp"

#include <doctest/doctest.h>

#include <string>

namespace agentstore::log {
namespace {

Draft note(std::string payload = "{}", std::string metadata = "{}") {
  return {.type = "note", .payload = std::move(payload), .metadata = std::move(metadata)};
}

std::string refusal(const Draft& draft) {
  const auto checked = check_draft(draft);
  if (checked) return {};
  CHECK(checked.error().code == Code::invalid);
  return checked.error().message;
}

}  // namespace

TEST_SUITE("drafts") {
  TEST_CASE("white space between tokens goes, every other byte of the JSON stays") {
    const auto checked = check_draft(note(" { \"a\" : 1.50e+2 ,\n\"b\":\"x y\" } ", "{ }"));
    REQUIRE(checked);
    CHECK(checked->payload == R"({"a":1.50e+2,"b":"x y"})");
    CHECK(checked->metadata == "{}");
    CHECK(checked->type == "note");
    CHECK(checked->event_id.empty());
    CHECK_FALSE(checked->timestamp);
  }

  TEST_CASE("a refusal says which part is wrong, and where") {
    CHECK(refusal(note("{\"a\":}")).contains("payload"));
    CHECK(refusal(note("{}", "{\"a\"}")).contains("metadata"));
    CHECK(refusal(note("{}", "[]")).contains("metadata"));
    CHECK(refusal(note(R"({"a":1,"a":2})")).contains("payload"));
    Draft nameless = note();
    nameless.type = "two words";
    CHECK(refusal(nameless).contains("is not an event type"));
    Draft strange = note();
    strange.event_id = "a\nb";
    CHECK(refusal(strange).contains("is not an event id"));
  }

  TEST_CASE("a draft that is checked in the place of another leaves nothing of it") {
    CheckedDraft into;
    Draft first = note(R"({"a":1})");
    first.event_id = "first";
    first.timestamp = Timestamp{5, 0};
    REQUIRE(check_draft(first, into));
    REQUIRE(check_draft(note(), into));
    CHECK(into.payload == "{}");
    CHECK(into.event_id.empty());
    CHECK_FALSE(into.timestamp);
  }
}

}  // namespace agentstore::log
