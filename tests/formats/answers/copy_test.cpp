#include "formats/answers/copy.hpp"

#include <doctest/doctest.h>

namespace agentstore::formats {
namespace {

CopyAnswer some() {
  return {.from = "agent-data",
          .to = "sqlite:a.db",
          .sessions = {{.session_id = "s\x1b",
                        .events = 1,
                        .already = 2000,
                        .created = true,
                        .unsealed = 3,
                        .head = "abc"},
                       {.session_id = "t", .error = "session t has another history here"}}};
}

}  // namespace

TEST_SUITE_BEGIN("copy");

TEST_CASE("a copy is told session by session, and in all") {
  StringSink sink;
  write_copy_text(sink, some());
  CHECK(sink.text ==
        "session s\\u{1b}: 1 event copied, 2,000 there before, compared\n"
        "Total: 1 session, 1 event copied, 2,000 there before; 1 not copied\n");
}

TEST_CASE("as JSON it has every figure, and why a session was not copied") {
  StringSink sink;
  write_copy_json(sink, some());
  CHECK(
      sink.text ==
      R"({"schema":"agentstore/copy/1","from":"agent-data","to":"sqlite:a.db","sessions":[)"
      R"({"session_id":"s\u001b","events":1,"already":2000,"created":true,"unsealed":3,)"
      R"("head":"abc","error":null,"forked_from":null,"forked_at":null},)"
      R"({"session_id":"t","events":0,"already":0,"created":false,"unsealed":0,"head":null,)"
      R"("error":"session t has another history here","forked_from":null,"forked_at":null}],"copied":1,"failed":1,"events":1,)"
      R"("already":2000})"
      "\n");
}

TEST_CASE("of a session that was forked it is told how far") {
  StringSink sink;
  write_copy_text(sink, {.from = "a",
                         .to = "a",
                         .sessions = {{.session_id = "t",
                                       .events = 12,
                                       .created = true,
                                       .forked_from = "s",
                                       .forked_at = 12}}});
  CHECK(sink.text == "session t: 12 events of s, up to #12\n");
}

TEST_SUITE_END();

}  // namespace agentstore::formats
