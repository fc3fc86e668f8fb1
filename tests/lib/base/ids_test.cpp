#include "base/ids.hpp"

#include <doctest/doctest.h>

#include <regex>
#include <set>

namespace agentstore {

TEST_SUITE_BEGIN("ids");

TEST_CASE("UUIDs have the form of RFC 9562, and are not repeated") {
  const std::regex four{"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"};
  const std::regex seven{"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"};
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string random = uuid4();
    const std::string timed = uuid7({1'772'884'800, 0});
    CHECK(std::regex_match(random, four));
    CHECK(std::regex_match(timed, seven));
    seen.insert(random);
    seen.insert(timed);
  }
  CHECK(seen.size() == 400);
}

TEST_CASE("a version 7 UUID begins with the milliseconds of its time") {
  CHECK(uuid7({0x017F22E279B0 / 1000, 0x017F22E279B0 % 1000 * 1'000'000}).substr(0, 13) ==
        "017f22e2-79b0");
  CHECK(uuid7({100, 0}) < uuid7({100, 1'000'000}));
}

TEST_CASE("session ids are 1 to 128 letters, digits and . _ : -, a letter or digit first") {
  for (const std::string& id :
       {std::string{"a"}, std::string{"7"}, std::string{"agent-001"}, std::string{"A.b_c:d-e"},
        std::string(128, 'x'), std::string{"agentstore"}, std::string{"agentstorex."}}) {
    CAPTURE(id);
    CHECK(check_session_id(id));
  }
  for (const std::string& id :
       {std::string{}, std::string(129, 'x'), std::string{".a"}, std::string{"-a"},
        std::string{"_a"}, std::string{":a"}, std::string{"a/b"}, std::string{".."},
        std::string{"a b"}, std::string{"a\nb"}, std::string{"a\0b", 3}, std::string{"é"},
        std::string{"agentstore."}, std::string{"agentstore.x"}, std::string{"a\\b"}}) {
    CAPTURE(id);
    const auto checked = check_session_id(id);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == Code::invalid);
  }
}

TEST_CASE("event types are like session ids, with a letter first") {
  for (const std::string& type :
       {std::string{"user_message"}, std::string{"tool.call.v1"}, std::string{"BetPlaced"},
        std::string{"a:b-c"}, std::string(128, 'x')}) {
    CAPTURE(type);
    CHECK(check_event_type(type));
  }
  for (const std::string& type :
       {std::string{}, std::string(129, 'x'), std::string{"1a"}, std::string{"_a"},
        std::string{"a b"}, std::string{"a*"}, std::string{"é"}, std::string{"agentstore.redacted"},
        std::string{"agentstore.x"}}) {
    CAPTURE(type);
    CHECK_FALSE(check_event_type(type));
  }
}

TEST_CASE("event ids are 1 to 256 bytes of UTF-8 without control characters") {
  for (const std::string& id :
       {std::string{"e"}, std::string{"é \"quoted\" /"}, std::string(256, 'x')}) {
    CAPTURE(id);
    CHECK(check_event_id(id));
  }
  for (const std::string& id : {std::string{}, std::string(257, 'x'), std::string{"a\nb"},
                                std::string{"a\x7F"}, std::string{"\xFF"}, std::string{"\0", 1}}) {
    CAPTURE(id);
    CHECK_FALSE(check_event_id(id));
  }
}

TEST_SUITE_END();

}  // namespace agentstore
