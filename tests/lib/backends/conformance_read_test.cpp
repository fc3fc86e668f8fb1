// What every backend answers alike about reading, and about taking over what was read: each case
// runs over files, in memory and in a database.

#include <doctest/doctest.h>

#include "support/events.hpp"
#include "support/lines.hpp"

namespace agentstore {
namespace {

using test::at_second;
using test::code_of;
using test::read_events;
using test::with_each_backend;

using Numbers = std::vector<std::uint64_t>;

Draft event(std::string type, std::int64_t second) {
  return {.type = std::move(type), .timestamp = at_second(second)};
}

// Gives the lines of a log one by one, as `import_session` asks for them.
auto lines_from(const std::vector<std::string>& lines) {
  return [&lines, at = std::size_t{0}]() mutable -> Result<std::optional<std::string_view>> {
    if (at == lines.size()) return std::nullopt;
    const std::string& line = lines[at++];
    return std::string_view{line}.substr(0, line.size() - 1);
  };
}

}  // namespace

TEST_SUITE_BEGIN("backends");

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
    CHECK((*reader)->poll() == true);
    CHECK(test::drain(**reader).numbers() == Numbers{1});
    CHECK((*reader)->poll() == false);
    CHECK(test::drain(**reader).events.empty());
    const Draft two[] = {{.type = "x"}, {.type = "y"}};
    REQUIRE(store.append("s", two));
    CHECK((*reader)->poll() == true);
    CHECK(test::drain(**reader).numbers() == Numbers{2, 3});
    CHECK((*reader)->report().last_sequence_number == 3);
    CHECK((*reader)->report().events == 3);
  });
}

TEST_CASE("a session that is imported has the lines that were given, and importing is idempotent") {
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
    const auto imported = store.import_session(session, lines_from(first_lines));
    REQUIRE(imported);
    CHECK(imported->events == 3);
    CHECK(imported->already == 0);
    CHECK(imported->session_created);
    const auto kept = read_events(store, "s");
    REQUIRE(kept.events.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) CHECK(kept.events[i].line + "\n" == first_lines[i]);
    const auto found = store.session("s");
    CHECK(found->name == "n");
    CHECK(found->labels == session.labels);
    CHECK(found->created_at == session.created_at);
    CHECK(found->event_count == 3);
    CHECK(found->updated_at == kept.events[2].timestamp);

    const auto again = store.import_session(session, lines_from(first_lines));
    REQUIRE(again);
    CHECK(again->events == 0);
    CHECK(again->already == 3);
    CHECK_FALSE(again->session_created);

    log.write();
    const auto grown_lines = test::lines_of(log.text());
    const auto grown = store.import_session(session, lines_from(grown_lines));
    REQUIRE(grown);
    CHECK(grown->events == 1);
    CHECK(grown->already == 3);

    // What is here already goes on from what is given.
    const auto shorter = store.import_session(session, lines_from(first_lines));
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
    CHECK(store.import_session(session, lines_from(grown_lines))->already == 4);
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
      const auto refused = store.import_session(session, lines_from(bad));
      REQUIRE_FALSE(refused);
      CHECK(refused.error().code == Code::invalid);
      CHECK(code_of(store.session("s")) == Code::not_found);
    }
    test::LogBuilder stranger{"t"};
    stranger.write();
    const auto strange = test::lines_of(stranger.text());
    CHECK(code_of(store.import_session(session, lines_from(strange))) == Code::invalid);

    REQUIRE(store.import_session(session, lines_from(lines)));
    CHECK(code_of(store.import_session(session, lines_from(other_lines))) == Code::conflict);
    const auto failing = [&]() -> Result<std::optional<std::string_view>> {
      return fail(Code::io, "the source broke");
    };
    CHECK(code_of(store.import_session(session, failing)) == Code::io);
    CHECK(read_events(store, "s").numbers() == Numbers{1, 2});
    CHECK(store.verify("s")->finding_count == 0);
  });
}

TEST_CASE("a session without events may be imported") {
  with_each_backend([](Store& store) {
    const std::vector<std::string> none;
    const Session session{.id = "s",
                          .name = "n",
                          .labels = {},
                          .created_at = at_second(0),
                          .updated_at = at_second(9),
                          .event_count = 5};
    const auto imported = store.import_session(session, lines_from(none));
    REQUIRE(imported);
    CHECK(imported->session_created);
    CHECK(imported->events == 0);
    CHECK(store.session("s")->event_count == 0);
    CHECK(store.session("s")->updated_at == at_second(0));
    CHECK_FALSE(store.import_session(session, lines_from(none))->session_created);
  });
}

TEST_SUITE_END();

}  // namespace agentstore
