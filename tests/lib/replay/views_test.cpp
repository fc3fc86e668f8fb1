#include "agentstore/analysis/views.hpp"

#include <doctest/doctest.h>

#include "agentstore/json.hpp"

namespace agentstore {
namespace {

using Names = std::vector<std::string>;

}  // namespace

TEST_SUITE("views") {
  TEST_CASE("fields are looked up in the order of the catalogue") {
    CHECK(projections_with(Names{"total_wagered"}) == Names{"pnl"});
    CHECK(projections_with(Names{"net_pnl", "balance", "event_count"}) ==
          Names{"session", "balance", "pnl"});
    CHECK(projections_with(Names{"by_asset_BTC"}) == Names{"balance"});
    CHECK(projections_with(Names{"data_llm_response_content"}) == Names{"session"});
    CHECK(projections_with(Names{"tokens_in", "session_id"}) == Names{"session", "totals"});
    CHECK(projections_with(Names{"duration_ms", "by_type_error"}) == Names{"totals"});
    CHECK(projections_with(Names{}) == Names{});
  }

  TEST_CASE("a field that none has is refused, with the nearest") {
    const auto refused = projections_with(Names{"balence"});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::invalid);
    CHECK(refused.error().message.contains("balence"));
    CHECK(refused.error().hint.contains("\"balance\""));
  }

  TEST_CASE("a session with money in it shows its balance") {
    CHECK(overview_of(true) == Names{"balance", "pnl"});
    CHECK(overview_of(false) == Names{"session", "cost"});
    CHECK(has_ledger_events(R"({"data":{"x":1,"BetPlaced":{}}})", casino_ledger()));
    CHECK_FALSE(has_ledger_events(R"({"data":{"user_message":{}}})", casino_ledger()));
    CHECK_FALSE(has_ledger_events("{}", casino_ledger()));
  }

  TEST_CASE("states are joined, and the first of a name counts") {
    const Names states{R"({"a":1,"b":{"c":2}})", R"({"b":3,"d":0.10})"};
    const std::string joined = joined_states(states);
    CHECK(joined == R"({"a":1,"b":{"c":2},"d":0.10})");
    const auto values = values_of(joined, Names{"b_c", "x", "d"});
    REQUIRE(values.size() == 3);
    CHECK(values[0] == "2");
    CHECK_FALSE(values[1]);
    CHECK(values[2] == "0.10");
  }

  TEST_CASE("no event of a type that there is are none, of another it is not known") {
    const std::string state = R"({"by_type":{"note":2}})";
    CHECK(value_of(state, "by_type_note") == "2");
    CHECK(value_of(state, "by_type_error") == "0");
    CHECK_FALSE(value_of(state, "by_type_eror"));
    CHECK_FALSE(value_of("{}", "by_type_error"));
  }

  TEST_CASE("a group of projections goes on from what it gave") {
    const ProjectionFactory makers[] = {*projection_named("balance", casino_ledger()),
                                        *projection_named("pnl", casino_ledger())};
    const auto bet = [](ProjectionGroup& group, std::uint64_t number) {
      EventView event;
      event.sequence_number = number;
      event.type = "BetPlaced";
      event.payload = R"({"amount":1.5})";
      REQUIRE(group.apply(event));
    };
    ProjectionGroup group{makers, "s"};
    const std::string empty = group.state();
    bet(group, 1);
    const std::string one = group.state();
    CHECK(json::find(one, "balance") == "-1.5");
    CHECK(json::find(one, "bet_count") == "1");
    const Names states = group.states();
    bet(group, 2);
    CHECK(group.state() != one);
    REQUIRE(group.restore(states));
    CHECK(group.state() == one);
    REQUIRE(group.restore({}));
    CHECK(group.state() == empty);
    CHECK_FALSE(group.restore(Names{"{}", "{}"}));
  }

  TEST_CASE("a group of one has its state as it is, and all notes are the group's") {
    const ProjectionFactory makers[] = {*projection_named("balance", casino_ledger())};
    ProjectionGroup group{makers, "s"};
    EventView event;
    event.sequence_number = 7;
    event.type = "BetPlaced";
    event.payload = "null";
    event.redacted_by = 8;
    REQUIRE(group.apply(event));
    CHECK(group.state() == group[0].to_json());
    REQUIRE(group.notes().size() == 1);
    CHECK(group.notes()[0].sequence_number == 7);
    group.replace(0, makers[0]("s"));
    CHECK(group.notes().empty());
  }

  TEST_CASE("a state shows no sum over several assets, and a condition cannot ask for one") {
    const std::string one = R"({"balance":5,"by_asset":{"BTC":5},"net_pnl":1})";
    const std::string two = R"({"balance":7,"by_asset":{"BTC":5,"US.D":2},"net_pnl":1})";
    CHECK(without_mixed_sum(one) == one);
    CHECK(without_mixed_sum(two) ==
          R"({"balance":null,"by_asset":{"BTC":5,"US.D":2},"net_pnl":1})");
    CHECK(without_mixed_sum(R"({"by_asset":{"A":1,"B":2}})") == R"({"by_asset":{"A":1,"B":2}})");
    CHECK(without_mixed_sum(R"({"balance":1,"by_asset":[]})") == R"({"balance":1,"by_asset":[]})");
    const std::string joined = joined_states(std::vector{two, one});
    CHECK(json::find(joined, "balance") == "null");
    CHECK(assets_in(two) == Names{"BTC", "US.D"});
    CHECK(assets_in("{}").empty());
    CHECK(check_names(Names{"balance"}, assets_in(one)));
    CHECK(check_names(Names{"by_asset_BTC"}, assets_in(two)));
    const auto refused = check_names(Names{"net_pnl", "balance"}, assets_in(two));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::invalid);
    CHECK(refused.error().hint == R"(say by_asset_BTC or "by_asset_US.D")");
  }
}
}  // namespace agentstore
