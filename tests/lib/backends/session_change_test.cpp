#include "backends/session_change.hpp"

#include <doctest/doctest.h>

#include <string>

namespace agentstore {
namespace {

Session session(std::string name, Labels labels) {
  Session made;
  made.id = "s";
  made.name = std::move(name);
  made.labels = std::move(labels);
  return made;
}

}  // namespace

TEST_SUITE("changes of sessions") {
  TEST_CASE("a change names, renames, labels and unlabels; the rest stays") {
    const Session before = session("old", {{"keep", "1"}, {"drop", "2"}, {"set", "3"}});
    SessionChange change;
    change.name = "new";
    change.labels = {{"drop", std::nullopt}, {"set", "4"}, {"add", "5"}};
    const Session after = changed_by(before, change);
    CHECK(after.name == "new");
    CHECK(after.labels == Labels{{"add", "5"}, {"keep", "1"}, {"set", "4"}});
    CHECK(change_payload(before, after) ==
          R"({"name":{"old":"old","new":"new"},"labels":{"add":{"old":null,"new":"5"},)"
          R"("drop":{"old":"2","new":null},"set":{"old":"3","new":"4"}}})");
  }

  TEST_CASE("where nothing differs there is nothing to say") {
    const Session same = session("n", {{"a", "b"}});
    CHECK(change_payload(same, changed_by(same, {})).empty());
  }

  TEST_CASE("an empty name is none") {
    CHECK(change_payload(session("", {}), session("n", {})) ==
          R"({"name":{"old":null,"new":"n"}})");
    CHECK(change_payload(session("n", {}), session("", {})) ==
          R"({"name":{"old":"n","new":null}})");
  }

  TEST_CASE("the payload of a change makes of the session before the session after") {
    const Session sessions[] = {session("", {}), session("a \"b\"", {{"k", "v"}}),
                                session("c", {{"k", "w"}, {"é", "\n"}})};
    for (const Session& before : sessions) {
      for (const Session& after : sessions) {
        Session changed = before;
        const std::string payload = change_payload(before, after);
        if (!payload.empty()) apply_change(changed, payload);
        CHECK(changed.name == after.name);
        CHECK(changed.labels == after.labels);
      }
    }
  }
}

}  // namespace agentstore
