#include "log/event_ids.hpp"

#include <doctest/doctest.h>

#include <string>

#include "support/lines.hpp"

namespace agentstore::log {

using test::LogBuilder;
using test::TextSource;

TEST_SUITE("event ids") {
  TEST_CASE("an id leads to what is stored under it, and no other does") {
    LogBuilder log;
    log.go_line();
    log.write(3, R"({"n":2})", "note");
    TextSource source{log.text()};
    EventIds ids;
    REQUIRE(ids.build(source, "s", log.text().size()));
    const auto found = ids.find(source, "e3").value();
    REQUIRE(found);
    CHECK(found->sequence_number == 3);
    CHECK(found->type == "note");
    CHECK(found->payload == R"({"n":2})");
    CHECK(found->hash.size() == 64);
    CHECK_FALSE(found->redacted);
    CHECK_FALSE(ids.find(source, "e1").value());  // The Go library's events have no ids.
    CHECK_FALSE(ids.find(source, "e9").value());
    CHECK_FALSE(ids.find(source, "").value());
  }

  TEST_CASE("only the bytes that were asked for count, and what is added later") {
    LogBuilder log;
    const std::size_t first = log.write().size();
    log.write();
    TextSource source{log.text()};
    EventIds ids;
    REQUIRE(ids.build(source, "s", first));
    CHECK(ids.find(source, "e1").value());
    CHECK_FALSE(ids.find(source, "e2").value());
    ids.add("e2", first);
    CHECK(ids.find(source, "e2").value()->sequence_number == 2);
  }

  TEST_CASE("an id that two events have is a conflict") {
    LogBuilder log;
    const std::string line = log.write();
    TextSource source{line + line};
    EventIds ids;
    ids.add("e1", 0);
    ids.add("e1", line.size());
    const auto found = ids.find(source, "e1");
    REQUIRE_FALSE(found);
    CHECK(found.error().code == Code::conflict);
  }
}

}  // namespace agentstore::log
