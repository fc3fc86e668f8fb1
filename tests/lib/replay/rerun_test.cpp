#include "agentstore/analysis/rerun.hpp"

#include <doctest/doctest.h>

#include "agentstore/json.hpp"

namespace agentstore {
namespace {

TurnCall recorded(const char* tool, const char* arguments, const char* result) {
  return {.tool = tool, .arguments = arguments, .result = result};
}

/// Which recorded call answers; -1: none. Its sign of an approximation is `approximate`.
std::ptrdiff_t place_in(const Turn& turn, const RecordedTools::Match& match) {
  return match.call == nullptr ? -1 : match.call - turn.calls.data();
}

Turn answered(std::uint64_t number, bool failed, const char* text) {
  Turn turn;
  turn.metadata = RerunMark{.turn = number, .failed = failed}.metadata_of(turn, "s");
  turn.answer = text;
  return turn;
}

}  // namespace

TEST_SUITE("rerun") {
  TEST_CASE("what a rerun is decides its id, and its labels say it") {
    const Rerun plain{.session_id = "s", .candidate = "c", .command = "./c", .prompt = "be kind"};
    CHECK(plain.prompt_sha256() ==
          "959c5805d5c257bf3270f6fddfaaf04a72e02b5871d950154c42148369ee5378");
    CHECK(plain.labels() == Labels{{"rerun_of", "s"},
                                   {"candidate", "c"},
                                   {"command", "./c"},
                                   {"prompt_sha256", plain.prompt_sha256()}});
    const std::string id = plain.session_id_of(1);
    CHECK(id == plain.session_id_of(1));
    std::vector<Rerun> others(7, plain);
    others[0].session_id = "t";
    others[1].candidate = "d";
    others[2].command = "./d";
    others[3].prompt = "be brief";
    others[4].prompt.reset();
    others[5].own_history = true;
    others[6].until = 3;
    for (const Rerun& other : others) CHECK(other.session_id_of(1) != id);
    CHECK(plain.session_id_of(2) != id);
    CHECK_FALSE(others[4].labels().contains("prompt_sha256"));
    CHECK(others[6].labels().at("until") == "3");
  }

  TEST_CASE("a mark comes back from the metadata that it made") {
    Turn message;
    message.sequence_number = 7;
    message.event_id = "e-7";
    const RerunMark mark{
        .turn = 2, .sequence_number = 7, .path = "/x", .latency_ms = 12, .failed = true};
    const std::string metadata = mark.metadata_of(message, "s");
    CHECK_FALSE(json::check(metadata, json::rules_to_store));
    const auto read = RerunMark::of(metadata);
    REQUIRE(read);
    CHECK(read->turn == 2);
    CHECK(read->sequence_number == 7);
    CHECK(read->path == "/x");
    CHECK(read->latency_ms == 12);
    CHECK(read->failed);
    CHECK(json::find_text(*json::find(metadata, "forked_from"), "event_id") == "e-7");
    CHECK_FALSE(RerunMark::of("{}"));
    CHECK_FALSE(RerunMark::of(R"({"rerun":7})"));
    const auto newer = RerunMark::of(R"({"rerun":{"version":2,"turn":1}})");
    REQUIRE(newer);
    CHECK(newer->version == 2);
    CHECK(newer->turn == 0);
  }

  TEST_CASE("of a turn that was asked again the last answer counts, unless it failed") {
    const std::vector<Turn> turns{answered(1, false, "a"),
                                  answered(2, true, "x"),
                                  answered(2, false, "b"),
                                  answered(1, true, "y"),
                                  answered(3, true, "p"),
                                  answered(3, true, "q"),
                                  Turn{}};
    const auto found = answered_turns(turns);
    REQUIRE(found.size() == 3);
    CHECK(found.at(1)->answer == "a");
    CHECK(found.at(2)->answer == "b");
    CHECK(found.at(3)->answer == "q");
  }

  TEST_CASE("results are found by arguments, then by position, and each is given once") {
    Turn turn;
    turn.calls = {recorded("get", R"({"n":1})", "1"),
                  recorded("get", R"({"n":2})", "2"),
                  recorded("put", R"({"n":1})", "3"),
                  {.tool = "get", .arguments = R"({"n":4})"}};
    const auto first = [&](const char* tool, const char* arguments) {
      RecordedTools tools{turn};
      return tools.match(tool, arguments);
    };
    CHECK(place_in(turn, first("get", R"({"n":2.0})")) == 1);
    CHECK_FALSE(first("get", R"({"n":2})").approximate);
    CHECK(place_in(turn, first("get", R"({"n":9})")) == 0);
    CHECK(first("get", R"({"n":9})").approximate);
    CHECK(place_in(turn, first("drop", "{}")) == -1);
    // It was recorded, and has no result.
    CHECK(place_in(turn, first("get", R"({"n":4})")) == 0);

    RecordedTools tools{turn};
    CHECK(place_in(turn, tools.match("get", R"({"n":2})")) == 1);
    CHECK(place_in(turn, tools.match("get", R"({"n":2})")) ==
          0);  // its place is taken: the one left
    CHECK(place_in(turn, tools.match("get", R"({"n":2})")) == -1);
    CHECK(place_in(turn, tools.match("put", "")) == 2);
  }
}

}  // namespace agentstore
