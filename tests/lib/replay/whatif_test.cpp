#include "agentstore/analysis/whatif.hpp"

#include <doctest/doctest.h>

#include "agentstore/json.hpp"

namespace agentstore {
namespace {

Draft bet(const char* type, const char* payload, const char* event_id = "",
          const char* metadata = "{}") {
  return {.type = type, .payload = payload, .metadata = metadata, .event_id = event_id};
}

Store casino() {
  Store store = Store::in_memory();
  REQUIRE(store.create_session({.id = "s"}));
  const Draft drafts[] = {
      bet("FaucetClaimed", R"({"amount":100})", "faucet"),
      bet("BetPlaced", R"({"amount":60.10,"bet_id":"b-1"})", "placed"),
      bet("BetWon", R"({"amount":80,"bet_id":"b-1"})", "won"),
      bet("FundsWithdrawn", R"({"amount":110})", "withdrawn", R"({"causation_id":"won"})"),
      bet("user_message", R"({"content":"hi"})"),
  };
  REQUIRE(store.append("s", drafts));
  return store;
}

Result<WhatIf> ask(const Store& store, const Alterations& alterations,
                   std::string_view projection = "balance") {
  const ProjectionFactory make[] = {projection_named(projection, casino_ledger()).value()};
  return what_if(history_of(store, "s"), alterations, make, casino_ledger());
}

std::string value(const std::string& state, std::string_view name) {
  return std::string{json::find(state, name).value_or("")};
}

std::vector<std::uint64_t> numbers(const std::vector<Dropped>& dropped) {
  std::vector<std::uint64_t> all;
  for (const Dropped& one : dropped) all.push_back(one.sequence_number);
  return all;
}

}  // namespace

TEST_SUITE("what-if") {
  TEST_CASE("an event is left out, and the rest is taken as recorded") {
    const Store store = casino();
    const auto answer = ask(store, {.without = {2}});
    REQUIRE(answer);
    CHECK(answer->events_actual == 5);
    CHECK(answer->events_counterfactual == 4);
    CHECK(answer->first_divergence == 2);
    REQUIRE(answer->dropped.size() == 1);
    CHECK(answer->dropped[0].event_id == "placed");
    CHECK(value(answer->states[0].actual, "balance") == "9.9");
    CHECK(value(answer->states[0].counterfactual, "balance") == "70");
    REQUIRE(answer->warnings.size() == 1);
    CHECK(answer->warnings[0].sequence_number == 3);
    CHECK(answer->warnings[0].text == "belongs to a dropped bet (b-1 of #2), kept");
  }

  TEST_CASE("a cascade leaves out what depended on it, transitively") {
    const Store store = casino();
    const auto answer = ask(store, {.without = {2}, .cascade = true});
    REQUIRE(answer);
    CHECK(numbers(answer->dropped) == std::vector<std::uint64_t>{2, 3, 4});
    CHECK(answer->dropped[1].why == "belongs to a dropped bet (b-1 of #2)");
    CHECK(answer->dropped[2].why == "was caused by a dropped event (won of #3)");
    CHECK(answer->warnings.empty());
    CHECK(value(answer->states[0].counterfactual, "balance") == "100");
  }

  TEST_CASE("a settlement takes down no bet") {
    const Store store = casino();
    const auto answer = ask(store, {.without = {3}, .cascade = true});
    REQUIRE(answer);
    CHECK(numbers(answer->dropped) == std::vector<std::uint64_t>{3, 4});
  }

  TEST_CASE("tool calls take their results with them") {
    Store store = Store::in_memory();
    REQUIRE(store.create_session({.id = "s"}));
    const Draft drafts[] = {
        bet("tool_called", R"({"tool":"a","id":"call-1"})"),
        bet("tool_called", R"({"tool":"b","id":"call-2"})"),
        bet("tool_result", R"({"tool":"a","tool_call_id":"call-1"})"),
        bet("tool_result", R"({"tool":"b"})", "", R"({"extra":{"tool_use_id":"call-2"}})"),
        bet("error", R"({"call_id":"call-1"})"),
        bet("custom", R"({"id":"call-1"})"),
    };
    REQUIRE(store.append("s", drafts));
    CHECK(numbers(ask(store, {.without = {1}, .cascade = true})->dropped) ==
          std::vector<std::uint64_t>{1, 3, 5});
    CHECK(numbers(ask(store, {.without_types = {"tool_called"}, .cascade = true})->dropped) ==
          std::vector<std::uint64_t>{1, 2, 3, 4, 5});
    const auto kept = ask(store, {.without = {2}});
    REQUIRE(kept->warnings.size() == 1);
    CHECK(kept->warnings[0].text == "answers a dropped call (call-2 of #2), kept");
  }

  TEST_CASE("payloads are replaced, events inserted, and the end moved") {
    const Store store = casino();
    const auto replaced = ask(store, {.replaced = {{2, R"({"amount": 0.1})"}}});
    CHECK(value(replaced->states[0].counterfactual, "balance") == "69.9");
    CHECK(replaced->first_divergence == 2);
    CHECK(replaced->events_counterfactual == 5);
    CHECK_FALSE(ask(store, {.replaced = {{5, R"({"content": "hi"})"}}})->first_divergence);

    const Draft more = bet("FundsDeposited", R"({"amount":1})");
    const auto inserted = ask(store, {.inserted = {{0, {more}}, {1, {more, more}}, {5, {more}}}});
    CHECK(inserted->events_counterfactual == 9);
    CHECK(inserted->first_divergence == 1);
    CHECK(value(inserted->states[0].counterfactual, "balance") == "13.9");
    CHECK(ask(store, {.inserted = {{5, {more}}}})->first_divergence == 6);

    const auto ended = ask(store, {.until = parse_rfc3339("2001-01-01T00:00:00Z").value()});
    CHECK(ended->events_counterfactual == 0);
    REQUIRE_FALSE(ended->warnings.empty());
    CHECK(ended->warnings.back().text == "nothing is left: every event is dropped");
  }

  TEST_CASE("a balance that only the altered history overdraws is a warning, once") {
    const Store store = casino();
    const auto answer = ask(store, {.without = {1}});
    REQUIRE(answer);
    REQUIRE(answer->warnings.size() == 2);
    CHECK(answer->warnings[0].sequence_number == 2);
    CHECK(answer->warnings[0].text == "would overdraw by 60.1 PFLEA");
    CHECK(answer->warnings[1].sequence_number == 4);
    CHECK(answer->warnings[1].text == "would overdraw by 90.1 PFLEA");
  }

  TEST_CASE("what cannot be is refused") {
    const Store store = casino();
    CHECK(ask(store, {.without = {6}}).error().code == Code::not_found);
    CHECK(ask(store, {.inserted = {{9, {bet("T", "{}")}}}}).error().message.contains("#9"));
    CHECK(ask(store, {.replaced = {{2, "{"}}}).error().code == Code::invalid);
    CHECK(ask(store, {.replaced = {{2, ""}}}).error().code == Code::invalid);
    CHECK(ask(store, {.inserted = {{2, {bet("a b", "{}")}}}}).error().code == Code::invalid);
    CHECK(ask(store, {.without = {2}, .replaced = {{2, "{}"}}}).error().message.contains("both"));
  }

  TEST_CASE("folds from a fold up to the first altered event give the same") {
    const Store store = casino();
    History history = history_of(store, "s");
    std::vector<std::uint64_t> points;
    history.fold = [&](const ProjectionFactory& make,
                       const Point& point) -> Result<std::unique_ptr<Projection>> {
      points.push_back(point.sequence_number.value());
      auto projection = make("s");
      const auto state = store.state("s", *projection, {.filter = filter_of(point)});
      if (!state) return std::unexpected(state.error());
      return projection;
    };
    for (const char* const name : {"balance", "pnl", "session", "portfolio", "summary"}) {
      CAPTURE(name);
      const ProjectionFactory make[] = {projection_named(name, casino_ledger()).value()};
      const auto answer = what_if(history, {.without = {4}}, make, casino_ledger());
      const auto plain = ask(store, {.without = {4}}, name);
      REQUIRE(answer);
      REQUIRE(plain);
      CHECK(answer->states[0].actual == plain->states[0].actual);
      CHECK(answer->states[0].counterfactual == plain->states[0].counterfactual);
      CHECK(answer->events_counterfactual == plain->events_counterfactual);
    }
    // One for each projection, and the balance beside those that do not show it.
    CHECK(points == std::vector<std::uint64_t>(9, 3));
  }

  TEST_CASE("an altered history is saved with its lineage") {
    Store store = casino();
    const auto saved = save_what_if(history_of(store, "s"), {.without = {2}}, store,
                                    {.id = "t", .labels = {{"forked_from", "s"}}});
    REQUIRE(saved);
    CHECK(saved->session_id == "t");
    CHECK(saved->events == 4);
    const auto reader = store.read("t");
    const auto events = (*reader)->next();
    REQUIRE(events->size() == 4);
    const EventView& won = (*events)[1];
    const EventView& withdrawn = (*events)[2];
    CHECK(won.type == "BetWon");
    CHECK(won.sequence_number == 2);
    CHECK(won.event_id != "won");
    CHECK(json::find(won.metadata, "forked_from") ==
          R"({"session_id":"s","sequence_number":3,"event_id":"won"})");
    CHECK(json::find_text(withdrawn.metadata, "causation_id") == won.event_id);
    CHECK(save_what_if(history_of(store, "s"), {.without = {2}}, store, {.id = "t"}).error().code ==
          Code::conflict);
  }
}
}  // namespace agentstore
