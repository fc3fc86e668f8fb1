// Lines that other programs wrote.

#include <doctest/doctest.h>

#include <utility>

#include "agentstore/json.hpp"
#include "log/line.hpp"
#include "support/parsed_line.hpp"

namespace agentstore::log {

using namespace test;

TEST_SUITE_BEGIN("line");

TEST_CASE("a line of the Go library is read in any order and spacing of its keys") {
  for (const char* const text :
       {R"({"sequence_number":1,"session_id":"s","timestamp":"2026-03-07T12:00:00Z","type":"x"})",
        R"({ "session_id" : "s" , "sequence_number" : 1 , "type" : "x" ,
             "payload" : [ 1 , 2 ] , "timestamp" : "2026-03-07T14:00:00+02:00" ,
             "metadata" : null , "anything" : { "else" : true } })",
        R"({"session_id":"s","sequence_number":1,"type":"x","timestamp":"2026-03-07T12:00:00Z",)"
        R"("metadata":{"tokens_in":1},"payload":"a\nb"})",
        R"({"\u0073ession_id":"\u0073","sequence_number":1,"type":"x",)"
        R"("timestamp":"2026-03-07T12:00:00Z"})"}) {
    CAPTURE(text);
    Arena arena;
    Line line;
    REQUIRE_FALSE(parse_line(text, arena, line));
    CHECK(line.seal == Seal::unsealed);
    CHECK(line.event.session_id == "s");
    CHECK(line.event.sequence_number == 1);
    CHECK(line.event.type == "x");
    CHECK(line.event.timestamp == Timestamp{1'772'884'800, 0});
    CHECK(line.event.event_id.empty());
    CHECK(line.event.hash.empty());
  }
}

TEST_CASE("an unsealed line that lacks a field, or has it wrong, is bad") {
  CHECK(good(go_line));
  using Edit = std::pair<const char*, const char*>;
  for (const auto& [from, to] : {Edit{R"("session_id":"s",)", ""},
                                 {R"("sequence_number":1,)", ""},
                                 {R"("type":"custom",)", ""},
                                 {R"("timestamp":"2026-03-07T12:00:00Z",)", ""},
                                 {R"(:"s")", ":1"},
                                 {":1,", ":0,"},
                                 {":1,", ":-1,"},
                                 {":1,", ":1.0,"},
                                 {":1,", ":\"1\","},
                                 {":1,", ":9007199254740992,"},
                                 {":1,", ":99999999999999999999,"},
                                 {":1,", ":01,"},
                                 {R"("custom")", "null"},
                                 {"12:00:00Z", "12:00:60Z"},
                                 {"12:00:00Z", "12:00:00"},
                                 {R"("metadata":{})", R"("metadata":[])"},
                                 {R"("metadata":{})", R"("metadata":"x")"},
                                 {R"({"i":1})", "{"},
                                 {R"({"i":1})", "01"},
                                 {R"({"i":1})", "\"a\tb\""},
                                 {R"("metadata":{}})", R"("metadata":{},})"},
                                 {R"("metadata":{}})", R"("metadata":{})"},
                                 {R"({"session_id")", R"([{"session_id")"}}) {
    CAPTURE(from);
    CAPTURE(to);
    CHECK_FALSE(good(replaced(go_line, from, to)));
  }
  CHECK(good(replaced(go_line, ":1,", ":9007199254740991,")));
}

TEST_CASE("double keys in the metadata of an unsealed line are told, and it is read") {
  const auto has_double_keys = [](const std::string& text) {
    Arena arena;
    Line line;
    REQUIRE_FALSE(parse_line(text, arena, line));
    return line.double_keys;
  };
  CHECK_FALSE(has_double_keys(go_line));
  using Text = std::pair<const char*, bool>;
  for (const auto& [text, expected] : {Text{R"({"model":"a","model":"b"})", true},
                                       {R"({"extra":{"a":"b","\u0061":"c"}})", true},
                                       {R"({"a":{"x":1},"b":{"x":1}})", false}}) {
    CAPTURE(text);
    const std::string line =
        replaced(go_line, R"("metadata":{})", std::string{R"("metadata":)"} + text);
    CHECK(has_double_keys(line) == expected);
  }
}

TEST_CASE("an unsealed line may have the id of a row, and then that is its event's") {
  const auto with = [](std::string_view member) {
    return replaced(go_line, R"("metadata":{}})", R"("metadata":{},)" + std::string{member} + "}");
  };
  const auto event_id = [](const std::string& line) {
    Arena arena;
    Line parsed;
    CHECK_FALSE(parse_line(line, arena, parsed));
    CHECK(parsed.seal == Seal::unsealed);
    return std::string{parsed.event.event_id};
  };
  CHECK(event_id(go_line).empty());
  CHECK(event_id(with(R"("row_event_id":"e-1")")) == "e-1");
  CHECK(event_id(with(R"("row_event_id":"a\"\u00e9")")) == "a\"é");
  CHECK(event_id(with(R"("row_event_id":7)")).empty());
  CHECK(event_id(with(R"("Row_Event_Id":"e")")).empty());
  CHECK(kind(with(R"("row_event_id":"a","row_event_id":"b")")) == "keys");
  CHECK(kind(with(R"("event_id":"e-1")")) == "seal");
  CHECK(kind(replaced(sealed_line(), R"("payload":)", R"("row_event_id":"x","payload":)")) ==
        "seal");
}

TEST_SUITE_END();

}  // namespace agentstore::log
