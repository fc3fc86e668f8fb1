// Turns, calls in flight, and how two answers differ.

#include "agentstore/analysis/turns.hpp"

#include <doctest/doctest.h>

#include "agentstore/analysis/turn_difference.hpp"
#include "agentstore/store.hpp"
#include "replay/in_flight.hpp"

namespace agentstore {
namespace {

std::vector<Turn> turns_of(const std::vector<Draft>& drafts) {
  Store store = Store::in_memory();
  REQUIRE(store.create_session({.id = "s"}));
  REQUIRE(store.append("s", drafts));
  const auto reader = store.read("s");
  REQUIRE(reader);
  Turns turns;
  REQUIRE(for_each_event(**reader, [&](const EventView& event) { return turns.take(event); }));
  auto made = turns.finish();
  REQUIRE(made);
  return std::move(*made);
}

Draft said(const char* type, const std::string& payload, const char* at = "2026-03-07T12:00:00Z") {
  return {.type = type, .payload = payload, .timestamp = parse_rfc3339(at).value()};
}

Draft message(const std::string& text) {
  return said("user_message", R"({"content":")" + text + "\"}");
}

Draft call(const std::string& tool, const std::string& args, const std::string& id = {}) {
  return said("tool_called", R"({"tool":")" + tool + R"(","args":)" + args +
                                 (id.empty() ? "" : R"(,"tool_call_id":")" + id + "\"") + "}");
}

Draft result(const std::string& tool, const std::string& value, const std::string& id = {}) {
  return said("tool_result", R"({"tool":")" + tool + R"(","result":)" + value +
                                 (id.empty() ? "" : R"(,"tool_call_id":")" + id + "\"") + "}");
}

Draft answer(const std::string& text) {
  return said("llm_response", R"({"content":")" + text + "\"}");
}

/// A turn with these events after its message.
Turn turn_with(std::vector<Draft> events) {
  events.insert(events.begin(), message("go"));
  auto turns = turns_of(events);
  REQUIRE(turns.size() == 1);
  return std::move(turns.front());
}

TurnVerdict verdict(std::vector<Draft> recorded, std::vector<Draft> answered,
                    const TurnRules& rules = {}) {
  const auto comparer = TurnComparer::make(rules);
  REQUIRE(comparer);
  return comparer->compare(turn_with(std::move(recorded)), turn_with(std::move(answered)));
}

}  // namespace

TEST_SUITE("turns") {
  TEST_CASE("a turn goes from one message to the next, in every vocabulary") {
    for (const auto& [asks, answers] :
         {std::pair{"user_message", "llm_response"}, std::pair{"message_received", "llm_response"},
          std::pair{"user.utterance.v1", "agent.utterance.v1"}}) {
      CAPTURE(asks);
      const auto turns = turns_of(
          {said("session_started", "{}"), said(asks, R"({"text":"one"})"),
           said(answers, R"({"text":"1"})", "2026-03-07T12:00:01.5Z"), said("custom", "{}"),
           said(answers, R"({"text":"and"})", "2026-03-07T12:00:02Z"), said(asks, R"("two")")});
      REQUIRE(turns.size() == 2);
      CHECK(turns[0].number == 1);
      CHECK(turns[0].sequence_number == 2);
      CHECK(turns[0].input == "one");
      CHECK(turns[0].answer == "1\nand");
      CHECK(turns[0].latency_ms == 2000);
      CHECK(turns[0].totals.events == 4);
      CHECK(turns[1].input == "two");
      CHECK(turns[1].answer.empty());
      CHECK_FALSE(turns[1].latency_ms);
    }
  }

  TEST_CASE("a session without a message has no turn") {
    CHECK(turns_of({answer("hello?")}).empty());
  }

  TEST_CASE("tokens and cost are those of a turn's own responses") {
    Draft first = answer("a");
    first.metadata = R"({"model":"m","tokens_in":10,"tokens_out":2,"cost_usd":0.1})";
    Draft second = answer("b");
    second.metadata = R"({"model":"m","tokens_in":30,"tokens_out":4,"cost_usd":0.2})";
    const auto turns = turns_of({message("x"), first, message("y"), second});
    CHECK(turns[0].totals.tokens_in == 10);
    CHECK(turns[1].totals.tokens_in == 30);
    CHECK(turns[1].totals.cost_usd->to_string() == "0.2");
  }

  TEST_CASE("an error counts where nothing followed it") {
    CHECK(turn_with({said("error", R"({"message":"429"})"), answer("again")}).error.empty());
    CHECK(turn_with({answer("a"), said("error", R"({"message":"429"})")}).error == "429");
    CHECK(turn_with({said("error_occurred", "{}")}).error == "error_occurred");
  }

  TEST_CASE("results find their calls by id, by cause, by tool") {
    Draft caused = result("", R"("by cause")");
    caused.metadata = R"({"causation_id":"c-2"})";
    Draft second = call("b", "{}");
    second.event_id = "c-2";
    const Turn turn =
        turn_with({call("a", R"({"n":1})", "i-1"), second, call("c", "{}"), call("c", "{}"), caused,
                   result("a", R"("by id")", "i-1"), result("c", R"("oldest")")});
    REQUIRE(turn.calls.size() == 4);
    CHECK(turn.calls[0].arguments == R"({"n":1})");
    CHECK(turn.calls[0].result->find("by id") != std::string::npos);
    CHECK(turn.calls[1].result->find("by cause") != std::string::npos);
    CHECK(turn.calls[2].result->find("oldest") != std::string::npos);
    CHECK_FALSE(turn.calls[3].result);
    CHECK(turn.calls[0].group == turn.calls[3].group);
  }

  TEST_CASE("a payload that is gone is no words, no arguments and no result") {
    Store store = Store::in_memory();
    REQUIRE(store.create_session({.id = "s"}));
    REQUIRE(store.append("s", std::vector<Draft>{message("secret"), call("a", "{}"),
                                                 result("a", "1"), answer("x")}));
    for (const std::uint64_t number : {1, 3, 4}) REQUIRE(store.redact("s", number, "asked"));
    Turns turns;
    const auto reader = store.read("s");
    REQUIRE(for_each_event(**reader, [&](const EventView& event) { return turns.take(event); }));
    const auto made = turns.finish();
    REQUIRE(made);
    const Turn& turn = made->front();
    CHECK(turn.redacted);
    CHECK(turn.input.empty());
    CHECK(turn.answer_redacted);
    CHECK_FALSE(turn.calls.front().result);
  }
}

TEST_SUITE("turn differences") {
  TEST_CASE("texts are the same but for white space, reworded, or changed") {
    const auto of = [](const char* a, const char* b, bool by_words = false) {
      return verdict({answer(a)}, {answer(b)}, {.by_words = by_words});
    };
    CHECK(of("one  two", "one two ") == TurnVerdict::same);
    CHECK(of("Done, it works now.", "done it works now") == TurnVerdict::reworded);
    CHECK(of("Done, it works now.", "done it works now", true) == TurnVerdict::same);
    // Of five words of both, four are common: exactly four fifths.
    CHECK(of("a b c d e", "a b c d") == TurnVerdict::reworded);
    CHECK(of("a b c d e", "a b c x") == TurnVerdict::changed);
    CHECK(of("I refund 59.90 to you today", "I refund 59.91 to you today") == TurnVerdict::changed);
    CHECK(of("it is -5 degrees here now", "it is 5 degrees here now") == TurnVerdict::changed);
    CHECK(of("flight EW456 is booked for you", "flight EW457 is booked for you") ==
          TurnVerdict::changed);
    CHECK(of("2026-03-07 at the latest", "at the latest 2026-03-07") == TurnVerdict::reworded);
    CHECK(of("", "") == TurnVerdict::same);
    CHECK(of("", "hello") == TurnVerdict::changed);
    CHECK(of("Über alles", "über alles") == TurnVerdict::changed);  // ASCII's case alone
  }

  TEST_CASE("an error is one, whatever else is the same") {
    CHECK(verdict({answer("a")}, {answer("a"), said("error", R"({"message":"x"})")}) ==
          TurnVerdict::error);
    CHECK(verdict({said("error", R"({"message":"x"})")}, {answer("")}) == TurnVerdict::same);
  }

  TEST_CASE("calls are compared by tool, arguments and result") {
    const std::vector<Draft> recorded{call("get", R"({"a":1,"b":"x"})"), result("get", "7")};
    CHECK(verdict(recorded, {call("get", R"({"b":"x","a":1.0})"), result("get", "7")}) ==
          TurnVerdict::same);
    for (const auto& other :
         {std::vector{call("get", R"({"a":2,"b":"x"})"), result("get", "7")},
          std::vector{call("put", R"({"a":1,"b":"x"})"), result("put", "7")},
          std::vector{call("get", R"({"a":1,"b":"x"})"), result("get", "8")},
          std::vector{call("get", R"({"a":1,"b":"x"})")}, std::vector<Draft>{answer("")}})
      CHECK(verdict(recorded, other) == TurnVerdict::tool_calls_changed);
  }

  TEST_CASE("members can be left out of account") {
    const std::vector<Draft> a{call("get", R"({"n":1,"limit":5})"),
                               result("get", R"({"score":1})")};
    const std::vector<Draft> b{call("get", R"({"n":1,"limit":9})"),
                               result("get", R"({"score":2})")};
    CHECK(verdict(a, b) == TurnVerdict::tool_calls_changed);
    CHECK(verdict(a, b, {.ignored = {"/args/limit"}}) == TurnVerdict::tool_calls_changed);
    CHECK(verdict(a, b, {.ignored = {"/args/limit", "/result/score"}}) == TurnVerdict::same);
    CHECK_FALSE(TurnComparer::make({.ignored = {"limit"}}));
  }

  TEST_CASE("calls in flight together are a set, and others a sequence") {
    const auto a = call("a", "{}", "1");
    const auto b = call("b", "{}", "2");
    const auto of_a = result("a", R"("ra")", "1");
    const auto of_b = result("b", R"("rb")", "2");
    CHECK(verdict({a, b, of_a, of_b}, {a, b, of_b, of_a}) == TurnVerdict::same);
    CHECK(verdict({a, b, of_a, of_b}, {b, a, of_a, of_b}) == TurnVerdict::same);
    CHECK(verdict({a, b, of_a, of_b}, {a, of_a, b, of_b}) == TurnVerdict::same);
    CHECK(verdict({a, of_a, b, of_b}, {b, of_b, a, of_a}) == TurnVerdict::tool_calls_changed);
    // The results are of other calls.
    CHECK(verdict({a, b, of_a, of_b},
                  {a, b, result("a", R"("rb")", "1"), result("b", R"("ra")", "2")}) ==
          TurnVerdict::tool_calls_changed);
  }

  TEST_CASE("calls that differ are named by their places, those in another order are not") {
    const auto comparer = TurnComparer::make({});
    const auto one =
        turn_with({call("a", "{}"), result("a", "1"), call("b", "{}"), result("b", "2")});
    const auto other = turn_with({call("b", "{}"), result("b", "2"), call("c", "{}")});
    const CallDifference found = comparer->calls(one, other);
    CHECK(found.missing == std::vector<std::size_t>{0});
    CHECK(found.added == std::vector<std::size_t>{1});
    const auto turned =
        turn_with({call("b", "{}"), result("b", "2"), call("a", "{}"), result("a", "1")});
    CHECK(comparer->calls(one, turned).missing.empty());
    CHECK(comparer->compare(one, turned) == TurnVerdict::tool_calls_changed);
  }

  TEST_CASE("word changes give both texts back") {
    const auto changes = word_changes("I cannot do  that, sorry", "I can do that");
    std::string text;
    for (const WordChange& change : changes)
      text += "=-+"[static_cast<int>(change.kind)] + change.text + "|";
    CHECK(text == "=I|-cannot|+can|=do|-that, sorry|+that|");
    CHECK(word_changes("", "").empty());
  }
}

TEST_SUITE("calls in flight") {
  TEST_CASE("a message ends the wait for results") {
    InFlight in_flight;
    EventView event;
    event.type = "tool_called";
    event.payload = std::string_view{R"({"tool":"a"})"};
    event.metadata = std::string_view{"{}"};
    CHECK_FALSE(in_flight.open(event).shared);
    in_flight.message();
    const InFlight::Call& second = in_flight.open(event);
    CHECK_FALSE(second.shared);
    CHECK(second.group == 2);
    event.type = "tool_result";
    CHECK(in_flight.close(event));
    CHECK_FALSE(in_flight.close(event));
  }
}

}  // namespace agentstore
