#include "backends/session_file.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/events.hpp"

namespace agentstore {
namespace {

using test::at_second;
using test::code_of;

Session session() {
  Session made;
  made.id = "s";
  made.created_at = at_second(0);
  made.updated_at = at_second(90);
  made.event_count = 12;
  return made;
}

void check_same(const Session& read, const Session& written) {
  CHECK(read.id == written.id);
  CHECK(read.name == written.name);
  CHECK(read.labels == written.labels);
  CHECK(read.created_at == written.created_at);
  CHECK(read.updated_at == written.updated_at);
  CHECK(read.event_count == written.event_count);
}

}  // namespace

TEST_SUITE("session file") {
  TEST_CASE("it is in the Go library's form") {
    Session named = session();
    named.name = "a";
    named.labels = {{"k", "v"}};
    CHECK(session_to_json(named) ==
          "{\n  \"id\": \"s\",\n  \"name\": \"a\",\n"
          "  \"created_at\": \"2026-03-07T12:00:00Z\",\n"
          "  \"updated_at\": \"2026-03-07T12:01:30Z\",\n"
          "  \"event_count\": 12,\n"
          "  \"labels\": {\n    \"k\": \"v\"\n  }\n}");
  }

  TEST_CASE("both readers give what was written; the fast one leaves what it cannot read") {
    std::vector<Session> sessions(4, session());
    sessions[1].name = "plain";
    sessions[2].labels = {{"a", "1"}, {"b", ""}};
    sessions[3].name = "quotes \" and é";
    for (const Session& written : sessions) {
      for (const std::uint64_t synced : {0, 7}) {
        const std::string text = session_to_json(written, synced);
        CAPTURE(text);
        const auto read = session_from_json(text);
        REQUIRE(read);
        check_same(*read, written);
        CHECK(synced_events_in(text) == synced);
        SessionView view;
        const bool plain = read_plain_session(text, view);
        CHECK(plain == (written.name != sessions[3].name));
        if (!plain) continue;
        CHECK(view.id == written.id);
        CHECK(view.name == written.name);
        CHECK(view.labels.size() == written.labels.size());
        CHECK(view.created_at == written.created_at);
        CHECK(view.updated_at == written.updated_at);
        CHECK(view.event_count == written.event_count);
      }
    }
  }

  TEST_CASE("a text that the fast reader takes, the other one takes for the same") {
    const std::string text = session_to_json(session(), 3);
    for (std::size_t at = 0; at < text.size(); ++at) {
      std::string changed = text;
      changed[at] = changed[at] == 'x' ? 'y' : 'x';
      SessionView view;
      if (!read_plain_session(changed, view)) continue;
      const auto read = session_from_json(changed);
      REQUIRE(read);
      CHECK(read->id == view.id);
      CHECK(read->event_count == view.event_count);
    }
    SessionView view;
    for (std::size_t size = 0; size < text.size(); ++size)
      CHECK_FALSE(read_plain_session(std::string_view{text}.substr(0, size), view));
    CHECK_FALSE(read_plain_session(text + " ", view));
  }

  TEST_CASE("what is wrong is corrupt, and said") {
    for (const char* const text :
         {"", "{", "{}", R"({"id":"s"})", R"({"id":"s","created_at":"yesterday"})",
          R"({"id":7,"created_at":"2026-03-07T12:00:00Z"})"}) {
      CAPTURE(text);
      CHECK(code_of(session_from_json(text)) == Code::corrupt);
    }
    const auto least = session_from_json(R"({"id":"s","created_at":"2026-03-07T12:00:00Z"})");
    REQUIRE(least);
    CHECK(least->updated_at == at_second(0));
    CHECK(least->event_count == 0);
  }

  TEST_CASE("a count of synced events that cannot be one is not said") {
    for (const char* const value : {"\"7\"", "-1", "1.5", "null", "1e99"})
      CHECK(synced_events_in(std::string{"{\"synced_events\":"} + value + "}") == 0);
  }
}

}  // namespace agentstore
