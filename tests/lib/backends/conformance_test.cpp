// What every backend answers alike: each case runs over files and in memory.

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
using test::read_events;
using test::with_each_backend;

using Numbers = std::vector<std::uint64_t>;

Code code_of(const auto& result) {
  return result ? Code{} : result.error().code;
}

std::vector<std::string> ids_of(const std::vector<Session>& sessions) {
  std::vector<std::string> ids;
  for (const Session& session : sessions) ids.push_back(session.id);
  return ids;
}

Draft event(std::string type, std::int64_t second) {
  return {.type = std::move(type), .timestamp = at_second(second)};
}

// Gives the lines of a log one by one, as `adopt` asks for them.
auto lines_from(const std::vector<std::string>& lines) {
  return [&lines, at = std::size_t{0}]() mutable -> Result<std::optional<std::string_view>> {
    if (at == lines.size()) return std::nullopt;
    const std::string& line = lines[at++];
    return std::string_view{line}.substr(0, line.size() - 1);
  };
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
    CHECK(first->hash.size() == 64);
    REQUIRE(store.append("s", {.type = "Bet.Placed-1", .payload = "null", .event_id = "é/1"}));
    REQUIRE(store.append("s", event("custom", -5'000'000'000)));
    const auto kept = read_events(store, "s");
    REQUIRE(kept.numbers() == Numbers{1, 2, 3});
    CHECK(kept.events[0].payload == R"({"big":9007199254740993,"e":"\u00e9","n":1e400})");
    CHECK(kept.events[0].metadata == R"({"tokens_in":3,"extra":{"k":"v"},"own":[1]})");
    CHECK(kept.events[0].event_id == first->event_id);
    CHECK(kept.events[0].hash == first->hash);
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

TEST_CASE("a filter takes what all of its conditions let through") {
  with_each_backend([](Store& store) {
    REQUIRE(store.create_session({.id = "s"}));
    const std::vector<Draft> drafts = {event("user_message", 0),  event("tool_called", 10),
                                       event("tool_result", 10),  event("llm_request", 5),
                                       event("llm_response", 20), event("custom", 30)};
    REQUIRE(store.append("s", drafts));
    const auto numbers = [&](const Filter& filter) {
      return read_events(store, "s", {.filter = filter}).numbers();
    };
    CHECK(numbers({}) == Numbers{1, 2, 3, 4, 5, 6});
    CHECK(numbers({.from_seq = 2, .to_seq = 4}) == Numbers{2, 3, 4});
    CHECK(numbers({.from_seq = 4, .to_seq = 2}).empty());
    CHECK(numbers({.from_seq = 7}).empty());
    CHECK(numbers({.types = {"tool_*"}}) == Numbers{2, 3});
    CHECK(numbers({.types = {"*_re*", "custom"}}) == Numbers{3, 4, 5, 6});
    CHECK(numbers({.types = {"tool"}}).empty());
    CHECK(numbers({.types = {"*"}, .not_types = {"llm_*", "custom"}}) == Numbers{1, 2, 3});
    CHECK(numbers({.since = at_second(10)}) == Numbers{2, 3, 5, 6});
    CHECK(numbers({.until = at_second(10)}) == Numbers{1, 2, 3, 4});
    CHECK(numbers({.before = at_second(10)}) == Numbers{1, 4});
    CHECK(numbers({.since = at_second(10), .before = at_second(20)}) == Numbers{2, 3});
    CHECK(numbers({.since = at_second(31)}).empty());
    CHECK(numbers({.to_seq = 5, .predicate = [](const EventView& one) {
                     return one.sequence_number % 2 == 1;
                   }}) == Numbers{1, 3, 5});
  });
}

TEST_CASE("all sessions are read in the order of time, session and number") {
  with_each_backend([](Store& store) {
    for (const char* const id : {"b", "a", "empty", "late"}) {
      REQUIRE(store.create_session({.id = id}));
    }
    // The times of "b" run backwards.
    for (const std::int64_t second : {30, 10, 20, 10})
      REQUIRE(store.append("b", event("x", second)));
    for (const std::int64_t second : {5, 10, 10, 40})
      REQUIRE(store.append("a", event("y", second)));
    REQUIRE(store.append("late", event("x", 100)));
    const auto read = [&](ReadOptions options) {
      auto reader = store.read_all(std::move(options));
      REQUIRE(reader);
      std::string order;
      for (const auto& each : test::drain(**reader).events) {
        order += each.session_id + std::to_string(each.sequence_number) + " ";
      }
      return order;
    };
    CHECK(read({}) == "a1 a2 a3 b2 b4 b3 b1 a4 late1 ");
    CHECK(read({.filter = {.types = {"x"}}}) == "b2 b4 b3 b1 late1 ");
    CHECK(read({.filter = {.since = at_second(30)}}) == "b1 a4 late1 ");
    CHECK(read({.filter = {.types = {"none"}}}).empty());
  });
}

TEST_CASE("the merged order is that of a sort, for any times") {
  with_each_backend({.durability = Durability::none}, [](Store& store) {
    using Place = std::tuple<Timestamp, std::string, std::uint64_t>;
    std::vector<Place> expected;
    for (int s = 0; s < 5; ++s) {
      const std::string id = "s" + std::to_string(s);
      REQUIRE(store.create_session({.id = id}));
      std::vector<Draft> drafts;
      for (std::uint64_t i = 0; i < 300; ++i) {
        const std::int64_t second = s % 2 == 0 ? static_cast<std::int64_t>(i) / 3
                                               : static_cast<std::int64_t>(i * 7919 % 101);
        drafts.push_back(event("x", second));
        expected.emplace_back(at_second(second), id, i + 1);
      }
      REQUIRE(store.append(id, drafts));
    }
    std::sort(expected.begin(), expected.end());
    auto reader = store.read_all();
    REQUIRE(reader);
    std::vector<Place> read;
    for (const auto& each : test::drain(**reader).events) {
      read.emplace_back(each.timestamp, each.session_id, each.sequence_number);
    }
    CHECK(read == expected);
  });
}

TEST_CASE("a reader sees the log as it was when it was opened, and looks again when asked") {
  with_each_backend([](Store& store) {
    REQUIRE(store.create_session({.id = "s"}));
    auto reader = store.read("s");
    REQUIRE(reader);
    REQUIRE(store.append("s", {.type = "x"}));
    CHECK(test::drain(**reader).events.empty());
    CHECK((*reader)->look_again() == true);
    CHECK(test::drain(**reader).numbers() == Numbers{1});
    CHECK((*reader)->look_again() == false);
    CHECK(test::drain(**reader).events.empty());
    const Draft two[] = {{.type = "x"}, {.type = "y"}};
    REQUIRE(store.append("s", two));
    CHECK((*reader)->look_again() == true);
    CHECK(test::drain(**reader).numbers() == Numbers{2, 3});
    CHECK((*reader)->report().last_sequence_number == 3);
    CHECK((*reader)->report().events == 3);
  });
}

TEST_CASE("a session that is adopted has the lines that were given, and adopting is idempotent") {
  with_each_backend([](Store& store) {
    test::LogBuilder log;
    log.go_line();
    log.write(2);
    const auto first_lines = test::lines_of(log.text());
    const Session session{.id = "s",
                          .name = "n",
                          .labels = {{"k", "v"}},
                          .created_at = at_second(0),
                          .updated_at = at_second(999),
                          .event_count = 77};
    const auto adopted = store.adopt(session, lines_from(first_lines));
    REQUIRE(adopted);
    CHECK(adopted->events == 3);
    CHECK(adopted->already == 0);
    CHECK(adopted->session_created);
    const auto kept = read_events(store, "s");
    REQUIRE(kept.events.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) CHECK(kept.events[i].line + "\n" == first_lines[i]);
    const auto found = store.session("s");
    CHECK(found->name == "n");
    CHECK(found->labels == session.labels);
    CHECK(found->created_at == session.created_at);
    CHECK(found->event_count == 3);
    CHECK(found->updated_at == kept.events[2].timestamp);

    const auto again = store.adopt(session, lines_from(first_lines));
    REQUIRE(again);
    CHECK(again->events == 0);
    CHECK(again->already == 3);
    CHECK_FALSE(again->session_created);

    log.write();
    const auto grown_lines = test::lines_of(log.text());
    const auto grown = store.adopt(session, lines_from(grown_lines));
    REQUIRE(grown);
    CHECK(grown->events == 1);
    CHECK(grown->already == 3);

    // What is here already goes on from what is given.
    const auto shorter = store.adopt(session, lines_from(first_lines));
    REQUIRE(shorter);
    CHECK(shorter->events == 0);
    CHECK(shorter->already == 3);
    CHECK(store.session("s")->event_count == 4);

    // The chain goes on behind it, and knows the ids in it.
    CHECK(store.append("s", {.type = "x"})->sequence_number == 5);
    CHECK(store.append("s", {.type = "user_message", .payload = R"({"n":1})", .event_id = "e2"})
              ->duplicate);
    CHECK(store.verify("s")->verdict == Verdict::clean);
    CHECK(store.verify("s")->finding_count == 0);
    CHECK(store.adopt(session, lines_from(grown_lines))->already == 4);
  });
}

TEST_CASE("another history is a conflict, a bad line is invalid, and neither changes anything") {
  with_each_backend([](Store& store) {
    test::LogBuilder log;
    log.write();
    log.write();
    const auto lines = test::lines_of(log.text());
    const Session session{
        .id = "s", .name = {}, .labels = {}, .created_at = at_second(0), .updated_at = {}};
    test::LogBuilder other;
    other.write(1, R"({"other":1})");
    const auto other_lines = test::lines_of(other.text());

    for (const std::vector<std::string>& bad :
         {std::vector{lines[0], std::string{"garbage\n"}, lines[1]}, std::vector{lines[1]},
          std::vector{lines[0], lines[0]}, std::vector{lines[0] + lines[1]},
          std::vector{lines[0], test::replaced(lines[1], "user_message", "user_massage")},
          std::vector{std::string{"\n"}}}) {
      const auto refused = store.adopt(session, lines_from(bad));
      REQUIRE_FALSE(refused);
      CHECK(refused.error().code == Code::invalid);
      CHECK(code_of(store.session("s")) == Code::not_found);
    }
    test::LogBuilder stranger{"t"};
    stranger.write();
    const auto strange = test::lines_of(stranger.text());
    CHECK(code_of(store.adopt(session, lines_from(strange))) == Code::invalid);

    REQUIRE(store.adopt(session, lines_from(lines)));
    CHECK(code_of(store.adopt(session, lines_from(other_lines))) == Code::conflict);
    const auto failing = [&]() -> Result<std::optional<std::string_view>> {
      return fail(Code::io, "the source broke");
    };
    CHECK(code_of(store.adopt(session, failing)) == Code::io);
    CHECK(read_events(store, "s").numbers() == Numbers{1, 2});
    CHECK(store.verify("s")->finding_count == 0);
  });
}

TEST_CASE("a session without events may be adopted") {
  with_each_backend([](Store& store) {
    const std::vector<std::string> none;
    const Session session{.id = "s",
                          .name = "n",
                          .labels = {},
                          .created_at = at_second(0),
                          .updated_at = at_second(9),
                          .event_count = 5};
    const auto adopted = store.adopt(session, lines_from(none));
    REQUIRE(adopted);
    CHECK(adopted->session_created);
    CHECK(adopted->events == 0);
    CHECK(store.session("s")->event_count == 0);
    CHECK(store.session("s")->updated_at == at_second(0));
    CHECK_FALSE(store.adopt(session, lines_from(none))->session_created);
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
    const std::vector<std::string> none;
    CHECK(code_of(
              store.adopt({.id = "u", .name = {}, .labels = {}, .created_at = {}, .updated_at = {}},
                          lines_from(none))) == Code::closed);
  });
}

TEST_SUITE_END();

}  // namespace agentstore
