#include "formats/answers/lag.hpp"

#include <doctest/doctest.h>

namespace agentstore::formats {
namespace {

LagAnswer some() {
  return {
      .cursor = "c",
      .store = "/x",
      .sessions = {{.session_id = "a\x1b", .newest = 5, .cursor = 2, .events = 3, .seconds = 61},
                   {.session_id = "b", .newest = 7, .cursor = 7}}};
}

}  // namespace

TEST_SUITE_BEGIN("lag");

TEST_CASE("as text it names the sessions that are behind") {
  StringSink sink;
  write_lag_text(sink, some(), {}, false);
  CHECK(sink.text.find("a\\u{1b}") != std::string::npos);
  CHECK(sink.text.find("1 m 1 s") != std::string::npos);
  CHECK(sink.text.find("\nb ") == std::string::npos);
  CHECK(sink.text.ends_with("1 of 2 sessions behind, by 3 events\n"));
}

TEST_CASE("as JSON it has every session") {
  StringSink sink;
  write_lag_json(sink, some());
  CHECK(sink.text ==
        R"({"schema":"agentstore/lag/1","cursor":"c","store":"/x","sessions":[)"
        R"({"session_id":"a\u001b","newest":5,"cursor":2,"events":3,"seconds":61},)"
        R"({"session_id":"b","newest":7,"cursor":7,"events":0,"seconds":null}],"position":null,)"
        R"("events":3,"seconds":61})"
        "\n");
}

TEST_SUITE_END();

}  // namespace agentstore::formats
