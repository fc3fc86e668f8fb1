#include "agentstore/analysis/blame.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace agentstore {
namespace {

Store store_with_updates() {
  Store store = Store::in_memory();
  REQUIRE(store.create_session({.id = "s"}));
  const Draft drafts[] = {
      {.type = "state_updated", .payload = R"({"status":"open","n":[1,2]})"},
      {.type = "llm_response", .payload = R"({"content":"x"})", .metadata = R"({"tokens_in":5})"},
      {.type = "state_updated", .payload = R"({"status":"open","old":true})"},
      {.type = "state_updated", .payload = R"({"status":"done"})", .event_id = "last"},
      {.type = "FundsDeposited", .payload = R"({"amount":5})"},
      {.type = "user_message", .payload = "\"hi\""},
  };
  REQUIRE(store.append("s", drafts));
  return store;
}

std::vector<std::pair<std::uint64_t, std::string>> settings(const Result<Blame>& blame) {
  REQUIRE(blame);
  std::vector<std::pair<std::uint64_t, std::string>> all;
  for (const Setting& one : blame->settings) all.emplace_back(one.by.sequence_number, one.value);
  return all;
}

using Settings = std::vector<std::pair<std::uint64_t, std::string>>;

}  // namespace

TEST_SUITE("blame") {
  TEST_CASE("a value is set by every event that holds it") {
    const Store store = store_with_updates();
    const auto status = blame(history_of(store, "s"), "/status", 20);
    CHECK(settings(status) == Settings{{4, "\"done\""}, {3, "\"open\""}, {1, "\"open\""}});
    CHECK(status->pointer == "/data/state_updated/status");
    CHECK(status->settings[0].by.event_id == "last");
    CHECK(status->settings[0].changed);
    CHECK_FALSE(status->settings[1].changed);
    CHECK(settings(blame(history_of(store, "s"), "/data/state_updated/status", 1)) ==
          Settings{{4, "\"done\""}});
  }

  TEST_CASE("a value that was taken away says when") {
    const Store store = store_with_updates();
    CHECK(settings(blame(history_of(store, "s"), "/n/1", 20)) == Settings{{3, ""}, {1, "2"}});
    CHECK(settings(blame(history_of(store, "s"), "/old", 20)) == Settings{{4, ""}, {3, "true"}});
  }

  TEST_CASE("sums are set by the events that change them") {
    const Store store = store_with_updates();
    CHECK(settings(blame(history_of(store, "s"), "/tokens/in", 20)) == Settings{{2, "5"}});
    CHECK(settings(blame(history_of(store, "s"), "/event_count", 2)) ==
          Settings{{6, "6"}, {5, "5"}});
    const auto balance = blame(history_of(store, "s"), "/balance", 20, casino_ledger());
    CHECK(settings(balance) == Settings{{5, "5"}});
    CHECK(balance->projection == "balance");
    CHECK(settings(blame(history_of(store, "s"), "/by_asset/PFLEA", 20, casino_ledger())) ==
          Settings{{5, "5"}});
    CHECK(settings(blame(history_of(store, "s"), "/data/user_message", 20)) ==
          Settings{{6, "\"hi\""}});
  }

  TEST_CASE("a pointer that leads nowhere") {
    const Store store = store_with_updates();
    CHECK(blame(history_of(store, "s"), "/nothing", 20).error().code == Code::not_found);
    CHECK(blame(history_of(store, "s"), "status", 20).error().code == Code::invalid);
    CHECK(blame(history_of(store, "s"), "", 20).error().code == Code::invalid);
    CHECK(blame(history_of(store, "t"), "/status", 20).error().code == Code::not_found);
  }

  TEST_CASE("the whole state, each value with its event") {
    const Store store = store_with_updates();
    const auto state = blame_all(history_of(store, "s"), casino_ledger());
    REQUIRE(state);
    const auto setter = [&](std::string_view pointer) {
      const auto found = std::ranges::find(state->fields, pointer, &BlamedField::pointer);
      return found == state->fields.end() ? 0 : found->by.sequence_number;
    };
    CHECK(setter("/data/state_updated/status") == 4);
    CHECK(setter("/data/llm_response/content") == 2);
    CHECK(setter("/data/user_message") == 6);
    CHECK(setter("/tokens/in") == 2);
    CHECK(setter("/event_count") == 6);
    CHECK(setter("/balance") == 5);
    CHECK(setter("/data/state_updated/old") == 0);
  }
}
}  // namespace agentstore
