#include "formats/answers/rerun.hpp"

#include <doctest/doctest.h>

#include "formats/answers/rerun_words.hpp"

namespace agentstore::formats {
namespace {

RerunTurn turn_of(TurnVerdict verdict, std::string before, std::string after) {
  RerunTurn turn;
  turn.recorded.answer = std::move(before);
  turn.answer.answer = std::move(after);
  turn.verdict = verdict;
  return turn;
}

TurnFigures figures(std::int64_t tokens_in, const char* cost, std::int64_t latency_ms) {
  return {.tokens_in = tokens_in,
          .cost_total_usd = *Decimal::parse(cost),
          .latency_ms = latency_ms,
          .has_latency = true};
}

std::string words(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) text += (text.empty() ? "w" : " w") + std::to_string(i);
  return text;
}

}  // namespace

TEST_SUITE("rerun answers") {
  TEST_CASE("one error is worse than any number of changes") {
    TurnCounts error;
    TurnCounts changes;
    error[TurnVerdict::error] = 1;
    changes[TurnVerdict::tool_calls_changed] = 100;
    CHECK(error.is_worse(changes));
    CHECK_FALSE(changes.is_worse(error));
    CHECK_FALSE(error.is_worse(error));
    TurnCounts same;
    same[TurnVerdict::same] = 1000;
    CHECK(changes.is_worse(same));
    CHECK_FALSE(same.is_worse(TurnCounts{}));
    CHECK(counts_text(same) == "all the same");
    error.add(changes);
    CHECK(error.turns() == 101);
    CHECK(counts_text(error) == "1 error, 100 tool calls changed");
  }

  TEST_CASE("a sum with an unknown part is unknown, and a turn without an answer has no latency") {
    TurnFigures sum;
    CHECK_FALSE(sum.latency_ms);
    sum.add(figures(10, "0.1", 200));
    sum.add(figures(20, "0.2", 300));
    sum.add(TurnFigures{});
    CHECK(sum.tokens_in == 30);
    CHECK(sum.cost_total_usd->to_string() == "0.3");
    CHECK(sum.latency_ms == 500);
    TurnFigures unknown = figures(1, "0", 0);
    unknown.cost_total_usd.reset();
    unknown.latency_ms.reset();
    sum.add(unknown);
    sum.add(figures(1, "1", 1));
    CHECK_FALSE(sum.cost_total_usd);
    CHECK_FALSE(sum.latency_ms);
    CHECK(figure_rows(sum, figures(1, "1", 1))[2].difference == "-");
  }

  TEST_CASE("of a long text the words beside its changes are shown") {
    const auto lines = difference_lines(
        turn_of(TurnVerdict::changed, words(1, 40), words(1, 20) + " new " + words(22, 40)), 80);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].text == "… w15 w16 w17 w18 w19 w20 [-w21-] {+new+} w22 w23 w24 w25 w26 w27 …");
    CHECK(difference_lines(turn_of(TurnVerdict::same, "a", "a "), 80).empty());
  }

  TEST_CASE("calls are named with what they return where that alone differs") {
    RerunTurn turn = turn_of(TurnVerdict::tool_calls_changed, "x", "x");
    turn.recorded.calls = {{.tool = "get", .arguments = R"({"n":1})", .result = "7"}};
    turn.answer.calls = {{.tool = "get", .arguments = R"({"n":1})"}};
    turn.calls = {{0}, {0}};
    const auto lines = difference_lines(turn, 80);
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].text == "get  n=1 → 7");
    CHECK(lines[1].text == "get  n=1 → no result");
    turn.calls = {};
    CHECK(difference_lines(turn, 80).front().text == "the same calls in another order");
  }
}

}  // namespace agentstore::formats
