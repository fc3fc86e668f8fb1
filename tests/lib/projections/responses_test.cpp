#include "agentstore/analysis/responses.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace agentstore {
namespace {

/// An event with texts of its own.
struct Told {
  std::string session;
  std::string type;
  std::int64_t second = 0;
  std::string metadata;

  EventView event() const {
    EventView view;
    view.session_id = session;
    view.sequence_number = 1;
    view.type = type;
    view.timestamp = {second, 0};
    view.metadata = metadata;
    view.payload = "{}";
    return view;
  }
};

Told response(std::string session, std::int64_t second, std::string figures, std::string extra) {
  return {std::move(session), "llm_response", second,
          R"({"model":"claude-opus-4-6",)" + figures + R"(,"extra":{)" + extra + "}}"};
}

void take(Responses& responses, const Told& told) {
  const EventView event = told.event();
  const Usage usage = usage_of(event);
  responses.see(event);
  if (auto telling = telling_of(event, usage))
    responses.take(std::move(*telling), event, usage, {std::string{event.session_id}});
}

/// "session in/out" of each that counts, in order.
std::vector<std::string> counted(const Responses& responses, UncountedUse* uncounted = nullptr) {
  std::vector<std::string> all;
  const auto settled = responses.settle([&](const CountedResponse& one) -> Result<void> {
    all.push_back(*one.group.front() + " " + std::to_string(one.usage.tokens_in.value_or(0)) + "/" +
                  std::to_string(one.usage.tokens_out.value_or(0)) +
                  (one.agent.empty() ? "" : " " + std::string{one.agent}));
    return {};
  });
  REQUIRE(settled);
  if (uncounted != nullptr) *uncounted = *settled;
  std::ranges::sort(all);
  return all;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_SUITE_BEGIN("responses");

TEST_CASE("each counts once, where it was told first, with the largest figures, in any order") {
  const std::vector<Told> told{
      response("copy", 9, R"("tokens_in":5,"tokens_out":1)", R"("response":"m/r")"),
      response("first", 3, R"("tokens_in":5,"tokens_out":2)", R"("response":"m/r")"),
      response("first", 4, R"("tokens_in":4,"tokens_out":7)", R"("response":"m/r")"),
      response("copy", 10, R"("tokens_in":8,"tokens_out":8)", R"("response":"n/r")"),
  };
  std::vector<std::size_t> order(told.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  do {
    CAPTURE(order);
    Responses whole;
    for (const std::size_t i : order) take(whole, told[i]);
    CHECK(counted(whole) == Texts{"copy 8/8", "first 5/7"});
    Responses joined;
    for (const std::size_t i : order) {
      Responses part;
      take(part, told[i]);
      joined.merge(std::move(part));
    }
    CHECK(counted(joined) == Texts{"copy 8/8", "first 5/7"});
  } while (std::ranges::next_permutation(order).found);
}

TEST_CASE("of sessions that tell of it at one time, the one that ended first has it") {
  Responses responses;
  for (const char* session : {"a", "b", "c"})
    take(responses, response(session, 1, R"("tokens_in":5)", R"("response":"m/r")"));
  take(responses, response("a", 5, R"("tokens_in":6)", R"("response":"n/r")"));
  take(responses, response("c", 6, R"("tokens_in":7)", R"("response":"o/r")"));
  UncountedUse uncounted;
  CHECK(counted(responses, &uncounted) == Texts{"a 6/0", "b 5/0", "c 7/0"});
  CHECK(uncounted.copied_events == 2);
}

TEST_CASE("without a request's id, a copy is known by its time and figures, too") {
  Responses responses;
  take(responses, response("a", 1, R"("tokens_in":5)", R"("message_id":"m","response":"m/u1")"));
  take(responses, response("b", 1, R"("tokens_in":5)", R"("message_id":"m","response":"m/u9")"));
  take(responses, response("b", 2, R"("tokens_in":5)", R"("message_id":"m","response":"m/u2")"));
  CHECK(counted(responses) == Texts{"a 5/0", "b 5/0"});
}

TEST_CASE("what an earlier import stored as differences is added up, and counts once") {
  Responses responses;
  const std::string ids = R"("message_id":"m","request_id":"r")";
  take(responses, response("a", 1, R"("tokens_in":5,"tokens_out":1)", ids));
  take(responses, response("a", 2, R"("tokens_out":6)", ids));
  take(responses, response("b", 3, R"("tokens_in":5,"tokens_out":1)", ids));
  CHECK(counted(responses) == Texts{"a 5/7"});
  take(responses, response("c", 4, R"("tokens_in":5,"tokens_out":9)", R"("response":"m/r")"));
  CHECK(counted(responses) == Texts{"a 5/9"});
}

TEST_CASE("differences that no number holds are refused, and counted as nothing else") {
  Responses responses;
  const auto told = [](std::int64_t second) {
    return response("s", second, R"("tokens_in":9223372036854775807)",
                    R"("message_id":"m","request_id":"r")");
  };
  take(responses, told(1));
  CHECK(responses.settle([](const CountedResponse&) { return Result<void>{}; }));
  take(responses, told(2));
  const auto settled = responses.settle([](const CountedResponse&) { return Result<void>{}; });
  REQUIRE_FALSE(settled);
  CHECK(settled.error().code == Code::overflow);
  CHECK(settled.error().message.ends_with("event #1 of session s"));
}

TEST_CASE("history counts where its own session tells of it, and nowhere else") {
  const Told copied = response("fork", 1, R"("tokens_in":5,"tokens_out":6)",
                               R"("forked_from":"parent","response":"m/r")");
  Responses responses;
  take(responses, copied);
  UncountedUse uncounted;
  CHECK(counted(responses, &uncounted).empty());
  CHECK(uncounted.history_responses == 1);
  CHECK(uncounted.history_tokens_in == 5);
  take(responses, response("parent", 2, R"("tokens_in":5,"tokens_out":6)", R"("response":"m/r")"));
  CHECK(counted(responses, &uncounted) == Texts{"parent 5/6"});
  CHECK(uncounted.history_responses == 0);
}

TEST_CASE("a sub-agent counts by its session, else its progress, else its result") {
  const Told result{
      "p", "tool_result", 3,
      R"({"extra":{"sub_agent":"a1","sub_agent_tokens_in":"9","sub_agent_tokens_out":"8"}})"};
  const Told progress{
      "p", "custom", 2,
      R"({"tokens_in":7,"tokens_out":6,"extra":{"sub_agent":"a1","response":"m/r"}})"};
  Responses responses;
  take(responses, result);
  CHECK(counted(responses) == Texts{"p 9/8 a1"});
  take(responses, progress);
  CHECK(counted(responses) == Texts{"p 7/6 a1"});
  take(responses,
       response("agent-a1.p", 2, R"("tokens_in":7,"tokens_out":9)", R"("response":"m/r")"));
  CHECK(counted(responses).size() == 1);
  responses.agent_is_known("a1");
  CHECK(counted(responses).size() == 1);
}

TEST_CASE("what does not count is explained to the token") {
  Responses responses{true};
  take(responses, response("a", 1, R"("tokens_in":5,"tokens_out":1)", R"("response":"m/r")"));
  take(responses, response("a", 2, R"("tokens_in":5,"tokens_out":9)", R"("response":"m/r")"));
  take(responses, response("b", 3, R"("tokens_in":5,"tokens_out":9)", R"("response":"m/r")"));
  const auto records = responses.uncounted_records();
  REQUIRE(records.size() == 3);
  std::int64_t in = 0;
  std::int64_t out = 0;
  for (const UncountedRecord& one : records) {
    in += one.tokens_in;
    out += one.tokens_out;
  }
  CHECK(in == 10);   // of 15 told, 5 count
  CHECK(out == 10);  // of 19 told, 9 count
  CHECK(records.back().why == UncountedRecord::Why::copy);
  CHECK(records.back().of_session == "a");
}

TEST_SUITE_END();

}  // namespace agentstore
