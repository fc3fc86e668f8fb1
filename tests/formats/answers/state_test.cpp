#include "formats/answers/state.hpp"

#include <doctest/doctest.h>

using namespace agentstore;
using namespace agentstore::formats;

TEST_SUITE_BEGIN("state");

TEST_CASE("a state as JSON carries the projection's text as it is") {
  const State state{.session_id = "s",
                    .projection = "session",
                    .last_sequence_number = 8,
                    .json = "{\"cost\":1.50,\"x\":\"\u202E\"}",
                    .report = {}};
  StringSink sink;
  write_state_json(sink, state);
  CHECK(sink.text ==
        "{\"schema\":\"agentstore/state/1\",\"session_id\":\"s\",\"projection\":\"session\","
        "\"last_sequence_number\":8,\"at\":null,\"before\":null,\"incomplete\":[],"
        "\"rules\":null,\"state\":{\"cost\":1.50,\"x\":\"\u202E\"}}\n");
  sink.text.clear();
  write_state_json(sink, state, {.before = Timestamp{}});
  CHECK(sink.text.contains(R"("at":null,"before":"1970-01-01T00:00:00.000000000Z",)"));
  sink.text.clear();
  write_state_json(sink, state, {}, {}, {.ledger = RuleFile{"a\"b", "00"}});
  CHECK(
      sink.text.contains(R"("rules":{"ledger":{"file":"a\"b","sha256":"00"},"upcasts":null},"st)"));
  sink.text.clear();
  write_state_text(sink, state, "run", {}, {});
  CHECK(sink.text == "{\n  \"cost\": 1.50,\n  \"x\": \"\\u202e\"\n}\n");
}

TEST_SUITE_END();
