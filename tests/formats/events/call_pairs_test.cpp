#include "formats/events/call_pairs.hpp"

#include <doctest/doctest.h>

#include "formats/event.hpp"

namespace agentstore::formats {
namespace {

class Log {
 public:
  void add(std::string_view type, std::string_view payload, std::string_view metadata = "{}",
           std::string_view event_id = {}) {
    EventView event = event_of(type, payload, metadata);
    event.sequence_number = ++number_;
    event.timestamp = {.seconds = 100 + static_cast<std::int64_t>(number_), .nanoseconds = 0};
    event.event_id = event_id;
    pairs.take(event);
  }
  CallPairs pairs;

 private:
  std::uint64_t number_ = 0;
};

}  // namespace

TEST_SUITE("call pairs") {
  TEST_CASE("by the id of the call, whatever its name") {
    Log log;
    log.add("tool_called", R"({"name":"a","id":"t1"})");
    log.add("tool_called", R"({"name":"a","call_id":"t2"})");
    log.add("tool_result", R"({"tool_use_id":"t1","is_error":true,"content":"Exit code 2\nmore"})");
    log.add("tool_result", R"({"call_id":"t2","output":"ok"})", R"({"duration_ms":7})");
    CHECK(log.pairs.call_of(3) == 1);
    CHECK(log.pairs.call_of(4) == 2);
    CHECK(log.pairs.outcome_of(1)->failed);
    CHECK(log.pairs.outcome_of(1)->ending == "failed: exit 2");
    CHECK(log.pairs.outcome_of(1)->duration_ms == 2000);
    CHECK(log.pairs.outcome_of(2)->duration_ms == 7);
    CHECK_FALSE(log.pairs.outcome_of(2)->failed);
  }

  TEST_CASE("by the event that caused it, else the last one of the tool") {
    Log log;
    log.add("tool_called", R"({"tool":"a"})", "{}", "e1");
    log.add("tool_called", R"({"tool":"a"})", "{}", "e2");
    log.add("tool_result", R"({"tool":"a"})", R"({"causation_id":"e1"})");
    log.add("tool_result", R"({"tool":"a"})");
    log.add("tool_result", R"({"tool":"b"})");
    CHECK(log.pairs.call_of(3) == 1);
    CHECK(log.pairs.call_of(4) == 2);
    CHECK_FALSE(log.pairs.call_of(5));
    CHECK(log.pairs.outcome_of(3) == nullptr);
  }

  TEST_CASE("a call without a result has no outcome yet") {
    Log log;
    log.add("tool_called", R"({"tool":"a"})");
    REQUIRE(log.pairs.outcome_of(1) != nullptr);
    CHECK(log.pairs.outcome_of(1)->result == 0);
  }
}

}  // namespace agentstore::formats
