// Names: unique in a store, whoever gives them, and changed by a sealed event.

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "agentstore/analysis/title.hpp"
#include "backends/session_change.hpp"
#include "support/events.hpp"
#include "support/lines.hpp"

namespace agentstore {
namespace {

using test::code_of;
using test::with_each_backend;

std::string title_of(std::vector<Draft> drafts) {
  auto store = Store::in_memory();
  REQUIRE(store.create_session({.id = "s"}));
  REQUIRE(store.append("s", drafts));
  auto reader = store.read("s");
  REQUIRE(reader);
  return find_title(**reader);
}

}  // namespace

TEST_SUITE_BEGIN("naming");

TEST_CASE("no id and no name is another session's id or name") {
  with_each_backend([](Store& store) {
    REQUIRE(store.create_session({.id = "a", .name = "first"}));
    CHECK(code_of(store.create_session({.name = "first"})) == Code::conflict);
    CHECK(code_of(store.create_session({.name = "a"})) == Code::conflict);
    CHECK(code_of(store.create_session({.id = "first"})) == Code::conflict);
    CHECK(store.create_session({.id = "own", .name = "own"}));
    CHECK(store.sessions()->size() == 2);
  });
}

TEST_CASE("words that say which session, or at which event, are no names") {
  with_each_backend([](Store& store) {
    for (const char* const name : {"@", "@~1", "@x", "x@1", "x@007", "\xff"}) {
      CAPTURE(name);
      CHECK(code_of(store.create_session({.name = name})) == Code::invalid);
    }
    for (const char* const name : {"a@b", "x@", "x@1y", "12"}) {
      CAPTURE(name);
      CHECK(store.create_session({.name = name}));
    }
  });
}

TEST_CASE("of threads that want one name, one gets it") {
  with_each_backend([](Store& store) {
    std::atomic<int> made = 0;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] { made += store.create_session({.name = "wanted"}) ? 1 : 0; });
    }
    CHECK(made == 1);
    CHECK(store.sessions()->size() == 1);
  });
}

TEST_CASE("a change is in the log and in the session, or nowhere") {
  with_each_backend([](Store& store) {
    REQUIRE(store.create_session({.id = "s", .name = "a", .labels = {{"k", "1"}, {"old", "x"}}}));
    REQUIRE(store.create_session({.id = "t", .name = "b"}));
    CHECK(code_of(store.change_session("s", {.name = "b"})) == Code::conflict);
    CHECK(code_of(store.change_session("s", {.name = "t"})) == Code::conflict);
    CHECK(code_of(store.change_session("s", {.name = "@1"})) == Code::invalid);
    CHECK(code_of(store.change_session("s", {.labels = {{"", "v"}}})) == Code::invalid);
    CHECK(code_of(store.change_session("nobody", {.name = "c"})) == Code::not_found);
    CHECK(store.change_session("s", {.name = "a", .labels = {{"k", "1"}}})->event_count == 0);

    const auto changed =
        store.change_session("s", {.name = "c", .labels = {{"k", "2"}, {"old", std::nullopt}}});
    REQUIRE(changed);
    CHECK(changed->name == "c");
    CHECK(changed->labels == Labels{{"k", "2"}});
    CHECK(changed->event_count == 1);
    const auto events = test::read_events(store, "s").events;
    REQUIRE(events.size() == 1);
    CHECK(events[0].type == "agentstore.session_changed");
    CHECK(
        events[0].payload ==
        R"({"name":{"old":"a","new":"c"},"labels":{"k":{"old":"1","new":"2"},"old":{"old":"x","new":null}}})");
    CHECK(store.verify("s")->verdict == Verdict::clean);
    CHECK(store.create_session({.name = "a"}));
    CHECK(store.change_session("s", {.name = ""})->name.empty());
  });
}

TEST_CASE("a change that is applied again changes nothing") {
  const Session before{
      .id = "s", .name = "a", .labels = {{"k", "1"}}, .created_at = {}, .updated_at = {}};
  const Session after =
      changed_by(before, {.name = "", .labels = {{"k", std::nullopt}, {"n", "\"é\""}}});
  const std::string payload = change_payload(before, after);
  Session session = before;
  for (int times = 0; times < 2; ++times) {
    apply_change(session, payload);
    CHECK(session.name.empty());
    CHECK(session.labels == Labels{{"n", "\"é\""}});
  }
  CHECK(change_payload(after, after).empty());
}

TEST_CASE("a title is the first prompt's first line, or what the agent recorded") {
  CHECK(title_of({{.type = "custom", .payload = "{}"}}) == "");
  CHECK(title_of({{.type = "user_message", .payload = R"({"content":" \n find it\nnow"})"},
                  {.type = "user_message", .payload = R"({"content":"later"})"}}) == "find it");
  CHECK(title_of({{.type = "user_message", .payload = R"({"content":"find it"})"},
                  {.type = "custom", .payload = R"({"aiTitle":"Flights"})"}}) == "Flights");
  std::string points;
  for (std::size_t i = 0; i < title_code_points_max; ++i) points += "é";
  CHECK(title_of({{.type = "user_message", .payload = R"({"content":")" + points + R"("})"}}) ==
        points);
  CHECK(title_of({{.type = "user_message", .payload = R"({"content":")" + points + R"(x"})"}}) ==
        points + "…");
}

TEST_SUITE_END();

}  // namespace agentstore
