#include "store/copied_events.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/events.hpp"

namespace agentstore {

TEST_SUITE("copied events") {
  TEST_CASE("they outlive the texts that they were views of") {
    CopiedEvents copies{"s"};
    {
      std::string line = R"({"type":"note","payload":{"n":1},"metadata":{"a":"b"}})";
      std::string type = "note";  // decoded: of another spelling than the line's
      EventView event = test::event_view(7, type, std::string_view{line}.substr(25, 7),
                                         std::string_view{line}.substr(44, 9));
      event.line = line;
      REQUIRE(copies.take({&event, 1}));
      line.assign(line.size(), 'x');
      type = "gone";
    }
    REQUIRE(copies.events().size() == 1);
    const EventView& kept = copies.events().front();
    CHECK(kept.session_id == "s");
    CHECK(kept.sequence_number == 7);
    CHECK(kept.type == "note");
    CHECK(kept.payload == R"({"n":1})");
    CHECK(kept.metadata == R"({"a":"b"})");
    CHECK(kept.line.substr(25, 7) == kept.payload);
  }

  TEST_CASE("a restart forgets them, and more come behind those that are there") {
    CopiedEvents copies{"s"};
    const std::vector<EventView> two{test::event_view(1, "a", "{}"),
                                     test::event_view(2, "b", "{}")};
    REQUIRE(copies.take(two));
    copies.restart();
    CHECK(copies.events().empty());
    REQUIRE(copies.take(two));
    REQUIRE(copies.take({two.data(), 1}));
    REQUIRE(copies.events().size() == 3);
    CHECK(copies.events()[1].type == "b");
  }
}

}  // namespace agentstore
