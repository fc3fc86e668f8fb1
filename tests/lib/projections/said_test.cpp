#include "projections/said.hpp"

#include <doctest/doctest.h>

#include "support/events.hpp"

namespace agentstore {

using test::event_view;

TEST_SUITE("what events say") {
  TEST_CASE("the words of a message are found in every form that agents write") {
    CHECK(words_of(R"("hello")") == "hello");
    CHECK(words_of(R"({"content":"hello"})") == "hello");
    CHECK(words_of(R"({"text":"hello"})") == "hello");
    CHECK(words_of(R"({"message":{"content":[{"type":"text","text":"one"},{"text":"two"}]}})") ==
          "one\ntwo");
    CHECK(words_of(R"(["one",["two",{"response":"three"}]])") == "one\ntwo\nthree");
    CHECK(words_of(R"({"content":null,"text":"hello"})") == "hello");
    for (const char* const nothing : {"{}", "[]", "null", "12", R"({"n":"x"})", R"({"content":5})"})
      CHECK(words_of(nothing).empty());
  }

  TEST_CASE("an endless nest of contents ends") {
    std::string nest = R"("deep")";
    for (int i = 0; i < 60; ++i) nest = R"({"content":)" + nest + "}";
    CHECK(words_of(nest).empty());
  }

  TEST_CASE("the payload says it first, then the metadata, then what is extra there") {
    constexpr auto metadata = R"({"agent_id":"m","extra":{"agent_id":"x","user_id":"u"}})";
    CHECK(said_of(event_view(1, "t", R"({"agent_id":"p"})", metadata), "agent_id") == "p");
    CHECK(said_of(event_view(1, "t", R"({"agent_id":7})", metadata), "agent_id") == "m");
    CHECK(said_of(event_view(1, "t", "{}", metadata), "user_id") == "u");
    CHECK_FALSE(said_of(event_view(1, "t", "{}", metadata), "name"));
    CHECK_FALSE(said_of(event_view(1, "t", "{}"), "agent_id"));
  }

  TEST_CASE("a member that is null is not there") {
    CHECK(first_member(R"({"a":null,"b":2,"c":3})", {"a", "b", "c"}) == "2");
    CHECK_FALSE(first_member(R"({"a":null})", {"a", "b"}));
  }
}

}  // namespace agentstore
