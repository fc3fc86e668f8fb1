#include "agentstore/upcast.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "agentstore/store.hpp"

namespace agentstore {
namespace {

struct Read {
  std::string type, payload, metadata;
  bool upcast = false;
  friend bool operator==(const Read&, const Read&) = default;
};

Result<Read> read_by(std::string_view rules, std::string_view type, std::string_view payload,
                     std::string_view metadata = "{}") {
  const auto upcasts = Upcasts::parse(rules);
  REQUIRE(upcasts);
  EventView event;
  event.session_id = "s";
  event.sequence_number = 7;
  event.type = type;
  event.payload = payload;
  event.metadata = metadata;
  std::deque<std::string> arena;
  if (auto done = upcasts->apply(event, arena); !done) return std::unexpected(done.error());
  return Read{std::string{event.type}, std::string{event.payload}, std::string{event.metadata},
              event.upcast};
}

std::string payload_by(const std::string& rule_members, std::string_view payload) {
  const auto read = read_by(R"({"rules":[{"type":"T",)" + rule_members + "}]}", "T", payload);
  return read ? read->payload : read.error().message;
}

std::string refusal(std::string_view rules) {
  const auto upcasts = Upcasts::parse(rules);
  REQUIRE_FALSE(upcasts);
  CHECK(upcasts.error().code == Code::invalid);
  return upcasts.error().message;
}

}  // namespace

TEST_SUITE("upcasts") {
  TEST_CASE("a default fills what is not there, and the version is that of the rule") {
    const std::string_view rules =
        R"({"schema":"agentstore/upcasts/1",
            "rules":[{"type":"BetPlaced","defaults":{"/game":"unknown", "/at/table": 1.0}}]})";
    CHECK(read_by(rules, "BetPlaced", R"({"amount":340.55})") ==
          Read{"BetPlaced", R"({"amount":340.55,"game":"unknown","at":{"table":1.0}})",
               R"({"schema_version":2})", true});
    const auto kept = read_by(rules, "BetPlaced", R"({"game":"dice","at":{"table":null}})",
                              R"({"model":"m","schema_version":1})");
    CHECK(kept == Read{"BetPlaced", R"({"game":"dice","at":{"table":null}})",
                       R"({"model":"m","schema_version":2})", true});
    CHECK(read_by(rules, "BetPlaced", "{}", R"({"schema_version":2})") ==
          Read{"BetPlaced", "{}", R"({"schema_version":2})", false});
    CHECK(read_by(rules, "BetWon", "{}") == Read{"BetWon", "{}", "{}", false});
  }

  TEST_CASE("members are renamed, moved and removed, in this order") {
    CHECK(payload_by(R"("rename":{"/amt":"amount"})", R"({"a":1,"amt":0.10,"b":2})") ==
          R"({"a":1,"amount":0.10,"b":2})");
    CHECK(payload_by(R"("move":{"/a/b":"/c/d"})", R"({"a":{"b":[1],"e":2}})") ==
          R"({"a":{"e":2},"c":{"d":[1]}})");
    CHECK(payload_by(R"("remove":["/a/b","/c"])", R"({"a":{"b":1},"c":2})") == R"({"a":{}})");
    CHECK(payload_by(R"("rename":{"/x":"y"},"move":{"/y":"/z"},"defaults":{"/x":0})",
                     R"({"x":5})") == R"({"z":5,"x":0})");
  }

  TEST_CASE("every rule from the event's version on applies, gaps included") {
    const std::string_view rules = R"({"rules":[
      {"type":"T","from_version":5,"remove":["/three"],"to_version":9},
      {"type":"T","from_version":1,"defaults":{"/one":1}},
      {"type":"T","from_version":3,"defaults":{"/three":3}}]})";
    CHECK(read_by(rules, "T", "{}")->payload == R"({"one":1})");
    CHECK(read_by(rules, "T", "{}")->metadata == R"({"schema_version":9})");
    CHECK(read_by(rules, "T", R"({"three":1})", R"({"schema_version":4})")->payload == "{}");
    CHECK_FALSE(read_by(rules, "T", "{}", R"({"schema_version":6})")->upcast);
  }

  TEST_CASE("an event of another type goes on by the rules of that type") {
    const std::string_view rules = R"({"rules":[
      {"type":"Old","rename_type":"New"},
      {"type":"New","from_version":1,"defaults":{"/first":true}},
      {"type":"New","from_version":2,"defaults":{"/second":true}}]})";
    CHECK(read_by(rules, "Old", "{}") ==
          Read{"New", R"({"second":true})", R"({"schema_version":3})", true});
  }

  TEST_CASE("a rule that does not fit names itself, the event and the member") {
    const auto missing = read_by(R"({"rules":[{"type":"T","remove":["/a/b"]}]})", "T", "{}");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == Code::invalid);
    CHECK(missing.error().message ==
          "the upcast of T from version 1 does not fit event #7 of session s: /a/b is not there");
    CHECK(payload_by(R"("rename":{"/a":"b"})", R"({"a":1,"b":2})").contains("/a would take"));
    CHECK(payload_by(R"("move":{"/a":"/b"})", R"({"a":1,"b":2})").contains("/a would take"));
    CHECK(payload_by(R"("defaults":{"/a/b":1})", R"({"a":1})").contains("/a/b leads through"));
    CHECK(payload_by(R"("defaults":{"/a":1})", "[]").contains("/a leads through"));
    CHECK(payload_by(R"("move":{"/a":"/b/c"})", R"({"a":1,"b":2})").contains("leads through"));
    const auto version =
        read_by(R"({"rules":[{"type":"T"}]})", "T", "{}", R"({"schema_version":"2"})");
    REQUIRE_FALSE(version);
    CHECK(version.error().message.contains("event #7 of session s is not a whole number"));
  }

  TEST_CASE("members of an optional rule may be missing") {
    CHECK(payload_by(R"("optional":true,"rename":{"/a":"b"},"move":{"/c":"/d"},"remove":["/e"])",
                     R"({"x":1})") == R"({"x":1})");
  }

  TEST_CASE("a file that is not of the form is refused, and says where") {
    CHECK(refusal("{").contains("byte 1"));
    CHECK(refusal("[]").contains("no array \"rules\""));
    CHECK(refusal(R"({"rules":[],"rule":1})").contains("\"rule\" is unknown"));
    CHECK(refusal(R"({"schema":"agentstore/upcasts/2","rules":[]})").contains("\"schema\""));
    CHECK(refusal(R"({"rules":[{}]})") == "rule 1: has no \"type\"");
    CHECK(refusal(R"({"rules":[3]})") == "rule 1: is not an object");
    const std::string_view broken[][2] = {
        {R"("default":{})", "\"default\": is unknown"},
        {R"("defaults":[])", "\"defaults\": has to be an object"},
        {R"("defaults":{"game":1})", "\"game\" names no member: write a JSON pointer"},
        {R"("rename":{"/a":"/b"})", "use `move`"},
        {R"("rename":{"/a":1})", "has to be a string"},
        {R"("move":{"/a":"b"})", "\"b\" names no member"},
        {R"("remove":"/a")", "has to be an array"},
        {R"("from_version":"1")", "has to be a whole number"},
        {R"("from_version":-1)", "has to be a whole number"},
        {R"("to_version":1)", "is not later"},
        {R"("optional":1)", "true or false"},
        {R"("rename_type":"agentstore.x")", "\"rename_type\""},
        {R"("rename_type":"a b")", "\"rename_type\""}};
    for (const auto& [member, says] : broken) {
      CAPTURE(member);
      const std::string message =
          refusal(R"({"rules":[{"type":"T"},{"type":"U",)" + std::string{member} + "}]}");
      CAPTURE(message);
      CHECK(message.starts_with("rule 2: "));
      CHECK(message.contains(says));
    }
    CHECK(refusal(R"({"rules":[{"type":"T"},{"type":"T"}]})") ==
          "rule 2: the upcast of T from version 1 is there twice");
  }

  TEST_CASE("folds and filters see upcast events, raw reads what is stored") {
    Upcasts upcasts;
    REQUIRE(upcasts.add("Old", 1, 2, [](UpcastEvent& event) -> Result<void> {
      event.type = "New";
      event.payload = R"({"was":)" + event.payload + '}';
      return {};
    }));
    Store store = Store::in_memory({.snapshot_interval = 1, .upcasts = std::move(upcasts)});
    REQUIRE(store.create_session({.id = "s"}));
    REQUIRE(store.append("s", {.type = "Old", .payload = "[1]"}));
    const auto state = store.state("s");
    REQUIRE(state);
    CHECK(state->json.contains(R"("data":{"New":{"was":[1]}})"));
    const auto count = [&](ReadOptions options) {
      return store.reduce(
                      "s", 0, [](int& sum, const EventView&) { ++sum; }, std::move(options))
          .value();
    };
    CHECK(count({.filter = {.types = {"New"}}}) == 1);
    CHECK(count({.filter = {.types = {"New"}}, .raw = true}) == 0);
    const auto all = store.read_all({.filter = {.types = {"New"}}});
    REQUIRE(all);
    CHECK((*all)->next()->size() == 1);
  }

  TEST_CASE("events before one that does not fit are given first") {
    Upcasts upcasts;
    REQUIRE(upcasts.add("T", 1, 2, [](UpcastEvent& event) -> Result<void> {
      if (event.payload == "2") return fail(Code::invalid, "two");
      return {};
    }));
    Store store = Store::in_memory({.upcasts = std::move(upcasts)});
    REQUIRE(store.create_session({.id = "s"}));
    for (const char* const payload : {"1", "2", "3"})
      REQUIRE(store.append("s", {.type = "T", .payload = payload}));
    const auto reader = store.read("s");
    REQUIRE(reader);
    CHECK((*reader)->next()->size() == 1);
    const auto failed = (*reader)->next();
    REQUIRE_FALSE(failed);
    CHECK(failed.error().message ==
          "the upcast of T from version 1 does not fit event #2 of session s: two");
    CHECK((*store.read("s", {.filter = {.from_seq = 3}}))->next()->size() == 1);
  }
}
}  // namespace agentstore
