// What every backend answers alike about sessions and appends: each case runs over files, in
// memory and in a database.

#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <thread>

#include "agentstore/json.hpp"
#include "support/events.hpp"
#include "support/lines.hpp"

namespace agentstore {
namespace {

using test::at_second;
using test::code_of;
using test::read_events;
using test::with_each_backend;

using Numbers = std::vector<std::uint64_t>;

std::vector<std::string> ids_of(const std::vector<Session>& sessions) {
  std::vector<std::string> ids;
  for (const Session& session : sessions) ids.push_back(session.id);
  return ids;
}

Draft event(std::string type, std::int64_t second) {
  return {.type = std::move(type), .timestamp = at_second(second)};
}

}  // namespace

TEST_SUITE_BEGIN("backends");

TEST_CASE("a session is created once, and found again") {
  with_each_backend([](Store& store) {
    const auto made = store.create_session(
        {.id = "agent-1", .name = "Flight \"search\" é", .labels = {{"user_id", "u1"}}});
    REQUIRE(made);
    CHECK(made->event_count == 0);
    CHECK(made->updated_at == made->created_at);
    CHECK(code_of(store.create_session({.id = "agent-1"})) == Code::conflict);
    const auto found = store.session("agent-1");
    REQUIRE(found);
    CHECK(found->id == "agent-1");
    CHECK(found->name == "Flight \"search\" é");
    CHECK(found->labels == Labels{{"user_id", "u1"}});
    CHECK(found->created_at == made->created_at);
    CHECK(found->event_count == 0);
    const auto unnamed = store.create_session();
    REQUIRE(unnamed);
    CHECK(unnamed->id.size() == 36);
  });
}

TEST_CASE("an id, a name or a label that cannot be kept is invalid") {
  with_each_backend([](Store& store) {
    for (const std::string& id :
         {std::string{"../x"}, std::string{"a/b"}, std::string{".x"}, std::string{"a\0b", 3},
          std::string(200, 'x'), std::string{"a\n"}, std::string{"agentstore.x"}}) {
      CAPTURE(id);
      CHECK(code_of(store.create_session({.id = id})) == Code::invalid);
      CHECK(code_of(store.append(id, {.type = "custom"})) == Code::invalid);
      CHECK(code_of(store.session(id)) == Code::not_found);
      CHECK(code_of(store.read(id)) == Code::not_found);
    }
    CHECK(code_of(store.create_session({.id = "a", .name = std::string(1025, 'x')})) ==
          Code::invalid);
    CHECK(code_of(store.create_session({.id = "a", .name = "\xFF"})) == Code::invalid);
    CHECK(code_of(store.create_session({.id = "a", .labels = {{"k", "\xFF"}}})) == Code::invalid);
    CHECK(store.sessions()->empty());
  });
}

TEST_CASE("what is asked of a session that does not exist is not found") {
  with_each_backend([](Store& store) {
    CHECK(code_of(store.session("x")) == Code::not_found);
    CHECK(code_of(store.append("x", {.type = "custom"})) == Code::not_found);
    CHECK(code_of(store.append("x", std::span<const Draft>{})) == Code::not_found);
    CHECK(code_of(store.read("x")) == Code::not_found);
    CHECK(code_of(store.state("x")) == Code::not_found);
    CHECK(code_of(store.verify("x")) == Code::not_found);
    CHECK(store.sessions()->empty());
  });
}

TEST_CASE("sessions are listed newest first; labels are asked before offset and limit") {
  with_each_backend([](Store& store) {
    for (int i = 0; i < 10; ++i) {
      REQUIRE(store.create_session(
          {.id = "s" + std::to_string(i),
           .labels = {{"parity", i % 2 == 0 ? "even" : "odd"}, {"all", "yes"}}}));
    }
    const auto list = [&](const ListOptions& options) { return ids_of(*store.sessions(options)); };
    using Ids = std::vector<std::string>;
    CHECK(list({.limit = 3}) == Ids{"s9", "s8", "s7"});
    CHECK(list({.limit = 2, .offset = 2}) == Ids{"s7", "s6"});
    CHECK(list({.limit = 2, .labels = {{"parity", "even"}}}) == Ids{"s8", "s6"});
    CHECK(list({.limit = 9, .offset = 3, .labels = {{"parity", "even"}}}) == Ids{"s2", "s0"});
    CHECK(list({.labels = {{"parity", "odd"}, {"all", "yes"}}}).size() == 5);
    CHECK(list({.labels = {{"parity", "odd"}, {"all", "no"}}}).empty());
    CHECK(list({.labels = {{"absent", ""}}}).empty());
    CHECK(list({.limit = 0}).empty());
    CHECK(list({.offset = 100}).empty());
    CHECK(list({}).size() == 10);
  });
}

TEST_CASE("an event comes back as it was given, with a number, an id, a hash and a time") {
  with_each_backend([](Store& store) {
    REQUIRE(store.create_session({.id = "s"}));
    const Timestamp before = now();
    const auto first = store.append(
        "s", {.type = "user_message",
              .payload = "{ \"big\" : 9007199254740993, \"e\":\"\\u00e9\", \"n\":1e400 }",
              .metadata = R"({"tokens_in":3,"extra":{"k":"v"},"own":[1]})"});
    REQUIRE(first);
    CHECK(first->sequence_number == 1);
    CHECK_FALSE(first->duplicate);
    CHECK(first->event_id.size() == 36);
    CHECK(first->hash.hex().size() == 64);
    REQUIRE(store.append("s", {.type = "Bet.Placed-1", .payload = "null", .event_id = "é/1"}));
    REQUIRE(store.append("s", event("custom", -5'000'000'000)));
    const auto kept = read_events(store, "s");
    REQUIRE(kept.numbers() == Numbers{1, 2, 3});
    CHECK(kept.events[0].payload == R"({"big":9007199254740993,"e":"\u00e9","n":1e400})");
    CHECK(kept.events[0].metadata == R"({"tokens_in":3,"extra":{"k":"v"},"own":[1]})");
    CHECK(kept.events[0].event_id == first->event_id);
    CHECK(kept.events[0].hash == first->hash.hex());
    CHECK(kept.events[0].timestamp >= before);
    CHECK(kept.events[0].session_id == "s");
    CHECK(kept.events[1].event_id == "é/1");
    CHECK(kept.events[1].payload == "null");
    CHECK(kept.events[1].metadata == "{}");
    CHECK(kept.events[2].timestamp == at_second(-5'000'000'000));
    CHECK(kept.events[2].payload == "{}");
    CHECK(json::find_text(kept.events[2].line, "recorded_at"));
    CHECK_FALSE(json::find_text(kept.events[1].line, "recorded_at"));
    const auto session = store.session("s");
    CHECK(session->event_count == 3);
    CHECK(session->updated_at == at_second(-5'000'000'000));
    const auto verified = store.verify("s");
    CHECK(verified->verdict == Verdict::clean);
    CHECK(verified->finding_count == 0);
    CHECK(verified->events == 3);
  });
}

TEST_CASE("a draft that may not be stored is refused with its place, and nothing is stored") {
  with_each_backend([](Store& store) {
    REQUIRE(store.create_session({.id = "s"}));
    const Draft good{.type = "custom"};
    const Timestamp last{253'402'300'799, 999'999'999};
    for (const Draft& bad :
         {Draft{.type = ""},
          Draft{.type = "a b"},
          Draft{.type = "agentstore.redacted"},
          Draft{.type = "x", .payload = "{"},
          Draft{.type = "x", .payload = R"({"a":1,"a":2})"},
          Draft{.type = "x", .payload = "\"\xFF\""},
          Draft{.type = "x", .payload = " "},
          Draft{.type = "x", .payload = std::string(5'000, '[') + std::string(5'000, ']')},
          Draft{.type = "x", .payload = "1 2"},
          Draft{.type = "x", .payload = "\xEF\xBB\xBF{}"},
          Draft{.type = "x", .metadata = "[]"},
          Draft{.type = "x", .metadata = "null"},
          Draft{.type = "x", .metadata = R"({"tokens_in":"3"})"},
          Draft{.type = "x", .metadata = R"({"tokens_in":1.5})"},
          Draft{.type = "x", .metadata = R"({"Tokens_In":1.5})"},
          Draft{.type = "x", .metadata = R"({"cost_usd":1e400})"},
          Draft{.type = "x", .metadata = R"({"cost_usd":"1"})"},
          Draft{.type = "x", .metadata = R"({"model":null})"},
          Draft{.type = "x", .metadata = R"({"extra":{"a":1}})"},
          Draft{.type = "x", .metadata = R"({"schema_version":"1"})"},
          Draft{.type = "x", .metadata = R"({"causation_id":1})"},
          Draft{.type = "x", .event_id = "a\nb"},
          Draft{.type = "x", .event_id = "\xFF"},
          Draft{.type = "x", .event_id = std::string(300, 'x')},
          Draft{.type = "x", .timestamp = Timestamp{last.seconds + 1, 0}},
          Draft{.type = "x", .timestamp = Timestamp{-62'167'219'201, 0}},
          Draft{.type = "x", .timestamp = Timestamp{INT64_MAX, 0}},
          Draft{.type = "x", .timestamp = Timestamp{0, 1'000'000'000}},
          Draft{.type = "x", .timestamp = Timestamp{0, -1}}}) {
      CAPTURE(bad.type);
      CAPTURE(bad.payload.substr(0, 50));
      CAPTURE(bad.metadata);
      CAPTURE(bad.event_id);
      if (bad.timestamp) CAPTURE(bad.timestamp->seconds);
      const Draft drafts[] = {good, bad, good};
      const auto refused = store.append("s", drafts);
      REQUIRE_FALSE(refused);
      CHECK(refused.error().code == Code::invalid);
      CHECK(refused.error().draft_index == 1);
    }
    CHECK(store.session("s")->event_count == 0);
    CHECK(store.append("s", {.type = "x", .timestamp = last}));
    CHECK(store.append("s", {.type = "x", .timestamp = Timestamp{-62'167'219'200, 0}}));
    CHECK(store.verify("s")->finding_count == 0);
  });
}

TEST_CASE("a batch over 128 MiB is refused: it could not be read back as one write") {
  with_each_backend({.durability = Durability::none}, [](Store& store) {
    REQUIRE(store.create_session({.id = "s"}));
    const std::vector<Draft> drafts(
        3, Draft{.type = "custom", .payload = "\"" + std::string(50 << 20, 'x') + "\""});
    CHECK(code_of(store.append("s", drafts)) == Code::invalid);
    CHECK(store.session("s")->event_count == 0);
  });
}

TEST_CASE("an expected version that has moved on is a conflict, and nothing is stored") {
  with_each_backend([](Store& store) {
    REQUIRE(store.create_session({.id = "s"}));
    CHECK(code_of(store.append("s", {.type = "x"}, {.expected_version = 1})) == Code::conflict);
    CHECK(store.append("s", {.type = "x"}, {.expected_version = 0}));
    CHECK(code_of(store.append("s", {.type = "x"}, {.expected_version = 0})) == Code::conflict);
    CHECK(store.append("s", {.type = "x"}, {.expected_version = 1}));
    const Draft two[] = {{.type = "x"}, {.type = "y"}};
    CHECK(code_of(store.append("s", two, {.expected_version = 1})) == Code::conflict);
    CHECK(store.append("s", two, {.expected_version = 2})->back().sequence_number == 4);
    CHECK(store.append("s", {.type = "x"})->sequence_number == 5);
    CHECK(store.session("s")->event_count == 5);
  });
}

TEST_CASE("the same event again is a duplicate, whatever the expected version") {
  with_each_backend([](Store& store) {
    REQUIRE(store.create_session({.id = "s"}));
    const Draft draft{.type = "x", .payload = R"({"a":1})", .event_id = "e"};
    const auto first = store.append("s", draft, {.expected_version = 0});
    REQUIRE(first);
    REQUIRE(store.append("s", {.type = "y"}));
    const auto again = store.append("s", draft, {.expected_version = 0});
    REQUIRE(again);
    CHECK(again->duplicate);
    CHECK(again->sequence_number == 1);
    CHECK(again->hash == first->hash);
    CHECK(again->event_id == "e");
    // White space is not part of what is stored; a time given again is not compared.
    CHECK(store.append("s", {.type = "x", .payload = "{ \"a\" : 1 }", .event_id = "e"})->duplicate);
    CHECK(code_of(store.append("s", {.type = "x", .payload = R"({"a":2})", .event_id = "e"})) ==
          Code::conflict);
    CHECK(code_of(store.append("s", {.type = "y", .payload = R"({"a":1})", .event_id = "e"})) ==
          Code::conflict);
    CHECK(code_of(store.append("s", {.type = "x",
                                     .payload = R"({"a":1})",
                                     .metadata = R"({"model":"m"})",
                                     .event_id = "e"})) == Code::conflict);
    CHECK(store.session("s")->event_count == 2);
    // Generated ids are ids like any other.
    const std::string generated = read_events(store, "s").events[1].event_id;
    CHECK(store.append("s", {.type = "y", .event_id = generated})->duplicate);
  });
}

TEST_CASE("a batch is stored whole or not at all, and its duplicates stored once") {
  with_each_backend([](Store& store) {
    REQUIRE(store.create_session({.id = "s"}));
    REQUIRE(store.append("s", {.type = "x", .event_id = "a"}));
    const Draft mixed[] = {{.type = "x", .event_id = "a"},
                           {.type = "y", .event_id = "b"},
                           {.type = "y", .event_id = "b"},
                           {.type = "z"}};
    const auto stored = store.append("s", mixed, {.expected_version = 1});
    REQUIRE(stored);
    REQUIRE(stored->size() == 4);
    CHECK((*stored)[0].sequence_number == 1);
    CHECK((*stored)[0].duplicate);
    CHECK((*stored)[1].sequence_number == 2);
    CHECK_FALSE((*stored)[1].duplicate);
    CHECK((*stored)[2].sequence_number == 2);
    CHECK((*stored)[2].duplicate);
    CHECK((*stored)[3].sequence_number == 3);

    const Draft clashing[] = {
        {.type = "n"}, {.type = "n", .event_id = "c"}, {.type = "other", .event_id = "a"}};
    const auto refused = store.append("s", clashing);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::conflict);
    CHECK(refused.error().draft_index == 2);
    CHECK(store.session("s")->event_count == 3);
    CHECK_FALSE(store.append("s", {.type = "other", .event_id = "c"})->duplicate);

    const Draft inside[] = {{.type = "n", .event_id = "d"}, {.type = "m", .event_id = "d"}};
    CHECK(code_of(store.append("s", inside)) == Code::conflict);
    CHECK(store.append("s", std::span<const Draft>{})->empty());
    CHECK(store.session("s")->event_count == 4);
    CHECK(store.verify("s")->finding_count == 0);
  });
}

TEST_CASE("many threads append to a few sessions, and every event is there once") {
  with_each_backend([](Store& store) {
    for (const char* const id : {"a", "b"}) REQUIRE(store.create_session({.id = id}));
    std::atomic<int> failed = 0;
    {
      std::vector<std::jthread> threads;
      for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&, t] {
          for (int i = 0; i < 20; ++i) {
            const std::string id = std::to_string(t) + "-" + std::to_string(i);
            const Draft two[] = {{.type = "x", .event_id = id}, {.type = "y", .payload = "1"}};
            if (!store.append(i % 2 == 0 ? "a" : "b", two)) ++failed;
          }
        });
      }
    }
    CHECK(failed == 0);
    std::set<std::string> ids;
    for (const char* const id : {"a", "b"}) {
      CHECK(store.verify(id)->finding_count == 0);
      CHECK(store.verify(id)->events == 160);
      for (const auto& each : read_events(store, id).events) ids.insert(each.event_id);
    }
    CHECK(ids.size() == 320);
  });
}

TEST_CASE("a store that was closed refuses to write, and closing twice is no error") {
  with_each_backend([](Store& store) {
    REQUIRE(store.create_session({.id = "s"}));
    REQUIRE(store.append("s", {.type = "x"}));
    CHECK(store.close());
    CHECK(store.close());
    CHECK(code_of(store.append("s", {.type = "x"})) == Code::closed);
    CHECK(code_of(store.create_session({.id = "t"})) == Code::closed);
    const Session session{.id = "u", .name = {}, .labels = {}, .created_at = {}, .updated_at = {}};
    CHECK(code_of(store.import_session(session, [] { return std::nullopt; })) == Code::closed);
  });
}

TEST_SUITE_END();

}  // namespace agentstore
