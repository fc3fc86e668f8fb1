// The projections balance, pnl and portfolio.

#include <doctest/doctest.h>

#include "agentstore/projection.hpp"
#include "support/events.hpp"

namespace agentstore {
namespace {

std::unique_ptr<Projection> projection(std::string_view name,
                                       const Ledger& ledger = casino_ledger()) {
  return projection_named(name, ledger).value()("s");
}

struct Given {
  const char* type;
  const char* payload;
};

// Folds events numbered from 1, and takes the state out and in again on the way.
std::unique_ptr<Projection> folded(std::string_view name, std::initializer_list<Given> events,
                                   const Ledger& ledger = casino_ledger()) {
  auto fold = projection(name, ledger);
  std::uint64_t number = 0;
  for (const auto& [type, payload] : events) {
    REQUIRE(fold->apply(test::event_view(++number, type, payload)));
    auto restored = projection(name, ledger);
    REQUIRE(restored->from_json(fold->to_json()));
    REQUIRE(restored->to_json() == fold->to_json());
  }
  return fold;
}

constexpr std::initializer_list<Given> evening = {
    {"AgentRegistered", R"({"agent":"a"})"},
    {"FaucetClaimed", R"({"amount":1000,"asset":"PFLEA"})"},
    {"BetPlaced", R"({"amount":100,"bet_id":"b-1"})"},
    {"BetWon", R"({"amount":190.5})"},
    {"BetPlaced", R"({"amount":340.55})"},
    {"BetLost", R"({"amount":340.55})"},
    {"FeeCharged", R"({"fee":0.1})"},
    {"FundsDeposited", R"({"amount":0.2,"asset":"BTC"})"},
    {"EscrowLocked", R"({"amount":50})"},
    {"EscrowReleased", R"({"amount":25})"},
    {"FundsWithdrawn", R"({"amount":10,"asset":"PFLEA"})"},
    {"UnknownTransaction", R"({"amount":1})"},
};

}  // namespace

TEST_SUITE_BEGIN("projections of money");

TEST_CASE("no events come to nothing") {
  CHECK(projection("balance")->to_json() == R"({"balance":0,"by_asset":{}})");
  CHECK(projection("portfolio")->to_json() == R"({"holdings":{}})");
  CHECK(projection("pnl")->to_json() ==
        R"({"total_wagered":0,"total_won":0,"total_fees":0,"bet_count":0,"win_count":0,)"
        R"("net_pnl":0,"win_rate":0,"roi":0})");
}

TEST_CASE("an evening at the casino") {
  CHECK(folded("balance", evening)->to_json() ==
        R"({"balance":715.05,"by_asset":{"BTC":0.2,"PFLEA":714.85}})");
  CHECK(folded("portfolio", evening)->to_json() == R"({"holdings":{"BTC":0.2,"PFLEA":739.95}})");
  // -250.15 / 440.55 = -0.5678129…
  CHECK(folded("pnl", evening)->to_json() ==
        R"({"total_wagered":440.55,"total_won":190.5,"total_fees":0.1,"bet_count":2,)"
        R"("win_count":1,"net_pnl":-250.15,"win_rate":0.5,"roi":-0.567813})");
  CHECK(folded("pnl", evening)->notes().empty());
  // What the last event's amount did is not known; nothing is missing for all that.
  for (const char* const name : {"balance", "portfolio"}) {
    const auto fold = folded(name, evening);
    REQUIRE(fold->notes().size() == 1);
    CHECK(fold->notes()[0].kind == FoldNote::Kind::remark);
    CHECK(fold->notes()[0].sequence_number == 12);
  }
}

TEST_CASE("a text that is a plain decimal is an amount, with every digit") {
  const auto fold =
      folded("balance", {{"FundsDeposited", R"({"amount":"12.50"})"},
                         {"FundsDeposited", R"({"amount":"0.000000000000000000000001"})"},
                         {"FundsWithdrawn", R"({"amount":"0"})"},
                         {"FeeCharged", R"({"fee":"\u0032.5"})"}});
  CHECK(fold->to_json() == R"({"balance":10.000000000000000000000001,)"
                           R"("by_asset":{"PFLEA":10.000000000000000000000001}})");
  CHECK(fold->notes().empty());
  for (const char* const name : {"balance", "portfolio", "pnl"}) {
    CAPTURE(name);
    const auto other = folded(name, {{"BetPlaced", R"({"amount":"-3"})"}});
    REQUIRE(other->notes().size() == 1);
    CHECK(other->notes()[0].kind == FoldNote::Kind::finding);
  }
}

TEST_CASE("an amount that cannot be read makes the answer incomplete, and is never guessed") {
  for (const char* const amount :
       {R"("1,000.50")", R"("$5")",    R"("4,16")", R"(" 5")", R"("5 ")",  R"("NaN")",
        R"("")",         R"("1e3")",   R"("+5")",   R"("05")", R"(".5")",  R"("5.")",
        R"("0x10")",     R"("1_000")", R"("--5")",  R"("-")",  R"("5\n")", R"("\u0665")",
        R"("Infinity")", "true",       "[5]",       "{}",      "null"}) {
    CAPTURE(amount);
    for (const char* const name : {"balance", "portfolio", "pnl"}) {
      CAPTURE(name);
      auto fold = projection(name);
      const std::string payload = R"({"amount":)" + std::string{amount} + '}';
      REQUIRE(fold->apply(test::event_view(3, "BetWon", payload)));
      REQUIRE(fold->notes().size() == 1);
      CHECK(fold->notes()[0].kind == FoldNote::Kind::incomplete);
      CHECK(fold->notes()[0].sequence_number == 3);
      CHECK(fold->to_json().find('5') == std::string::npos);
    }
  }
}

TEST_CASE("amounts of different assets overflow no common sum") {
  const auto fold = folded("balance", {{"FundsDeposited", R"({"amount":1e60,"asset":"A"})"},
                                       {"FundsDeposited", R"({"amount":1e-60,"asset":"B"})"}});
  CHECK(fold->to_json().starts_with(R"({"balance":null,"by_asset":{"A":1000)"));
}

TEST_CASE("pnl names the assets that it adds up, where they are not the default one alone") {
  const auto one = folded("pnl", {{"BetPlaced", R"({"amount":0,"asset":"ETH"})"},
                                  {"BetPlaced", R"({"amount":1,"asset":"BTC"})"}});
  CHECK(one->to_json().ends_with(R"("roi":-1,"assets":["BTC"]})"));
  CHECK(one->notes().empty());
  const auto two = folded(
      "pnl", {{"BetPlaced", R"({"amount":1})"}, {"BetWon", R"({"amount":3,"asset":"BTC"})"}});
  CHECK(two->to_json().ends_with(R"("assets":["BTC","PFLEA"]})"));
  REQUIRE(two->notes().size() == 1);
  CHECK(two->notes()[0].kind == FoldNote::Kind::remark);
  CHECK(two->notes()[0].sequence_number == 2);
}

TEST_CASE("sums are exact, or name the event where they cannot be") {
  auto balance = projection("balance");
  for (std::uint64_t i = 1; i <= 120; ++i) {
    REQUIRE(balance->apply(test::event_view(i, "FundsDeposited", R"({"amount":0.1})")));
  }
  CHECK(balance->to_json() == R"({"balance":12,"by_asset":{"PFLEA":12}})");
  CHECK(folded("balance", {{"FundsDeposited", R"({"amount":1e28})"},
                           {"FundsDeposited", R"({"amount":1e-18})"}})
            ->to_json() ==
        R"({"balance":10000000000000000000000000000.000000000000000001,)"
        R"("by_asset":{"PFLEA":10000000000000000000000000000.000000000000000001}})");
  auto large = folded("balance", {{"FundsDeposited", R"({"amount":1e60})"}});
  for (const char* const payload : {R"({"amount":1e-60})", R"({"amount":1e400000})"}) {
    const auto over = large->apply(test::event_view(2, "FundsDeposited", payload));
    REQUIRE_FALSE(over);
    CHECK(over.error().code == Code::overflow);
    CHECK(over.error().message.find("event #2") != std::string::npos);
  }
}

TEST_CASE("what does not count makes the answer incomplete; what counts oddly is a finding") {
  const auto fold = folded("balance", {{"FundsDeposited", R"({"amount":10})"},
                                       {"FundsDeposited", R"({})"},
                                       {"FundsDeposited", R"({"amount":"5 PFLEA"})"},
                                       {"FundsDeposited", R"({"amount":null})"},
                                       {"FundsWithdrawn", R"({"amount":-3})"},
                                       {"FeeCharged", R"({"fee":null,"amount":1})"},
                                       {"FundsDeposited", R"({"amount":1,"asset":7})"},
                                       {"FundsDeposited", R"("text")"}});
  CHECK(fold->to_json() == R"({"balance":12,"by_asset":{"PFLEA":12}})");
  std::vector<std::string> told;
  for (const FoldNote& note : fold->notes()) {
    CHECK((note.kind == FoldNote::Kind::finding) == (note.sequence_number == 5));
    told.push_back("#" + std::to_string(note.sequence_number) + " " + note.message);
  }
  CHECK(told ==
        std::vector<std::string>{
            "#2 FundsDeposited has no /amount: it does not count",
            R"(#3 FundsDeposited has an amount that is not a number, "5 PFLEA": it does not count)",
            "#4 FundsDeposited has no /amount: it does not count",
            "#5 FundsWithdrawn has a negative amount, -3: it counts as it is written",
            "#7 FundsDeposited has an asset that is not a text, 7: it does not count",
            "#8 FundsDeposited has no /amount: it does not count"});
  const auto pnl = folded("pnl", {{"BetPlaced", R"({"amount":"five"})"}, {"BetWon", "{}"}});
  CHECK(pnl->notes().size() == 2);
  CHECK(pnl->to_json().find(R"("bet_count":1,"win_count":1,"net_pnl":0,"win_rate":1,"roi":0)") !=
        std::string::npos);
}

TEST_CASE("a redacted amount makes the answer incomplete") {
  for (const char* const name : {"balance", "portfolio", "pnl"}) {
    CAPTURE(name);
    auto fold = projection(name);
    EventView gone = test::event_view(4, "BetPlaced", "null");
    gone.redacted_by = 5;
    REQUIRE(fold->apply(gone));
    REQUIRE(fold->apply(test::event_view(5, "agentstore.redacted", R"({"sequence_number":4})")));
    REQUIRE(fold->notes().size() == 1);
    CHECK(fold->notes()[0].kind == FoldNote::Kind::incomplete);
    CHECK(fold->notes()[0].sequence_number == 4);
  }
}

TEST_CASE("notes do not fill the memory, and say where they stop") {
  auto fold = projection("balance");
  for (std::uint64_t i = 1; i <= 3000; ++i) {
    REQUIRE(fold->apply(test::event_view(i, "BetWon", "{}")));
  }
  REQUIRE(fold->notes().size() == 1001);
  CHECK(fold->notes().back().message.find("not listed") != std::string::npos);
}

TEST_CASE("balance obeys another ledger; zero is an amount, too") {
  const auto ledger = parse_ledger(
      R"({"default_asset":"USD","types":{"Paid":{"sign":-1,"amount":["/total","/price/net"],)"
      R"("asset":"/price/currency"},"Granted":{"sign":1,"amount":"/total"}}})");
  REQUIRE(ledger);
  const auto fold = folded("balance",
                           {{"Granted", R"({"total":5})"},
                            {"Paid", R"({"price":{"net":1.25,"currency":"EUR"}})"},
                            {"Granted", R"({"total":0})"},
                            {"Paid", R"({"total":0,"price":{"currency":"JPY"}})"},
                            {"FundsDeposited", R"({"amount":1000})"}},
                           *ledger);
  CHECK(fold->to_json() == R"({"balance":3.75,"by_asset":{"EUR":-1.25,"JPY":0,"USD":5}})");
  CHECK(fold->version() != projection("balance")->version());
}

TEST_CASE("what is no state is corrupt, and changes nothing") {
  for (const char* const name : {"balance", "portfolio", "pnl"}) {
    CAPTURE(name);
    auto fold = folded(name, evening);
    const std::string before = fold->to_json();
    for (const char* const bad :
         {"{}", "[]", R"({"balance":"1","by_asset":{}})", R"({"balance":1,"by_asset":{"X":"1"}})",
          R"({"holdings":[]})", R"({"total_wagered":1})"}) {
      CAPTURE(bad);
      const auto refused = fold->from_json(bad);
      REQUIRE_FALSE(refused);
      CHECK(refused.error().code == Code::corrupt);
      CHECK(fold->to_json() == before);
    }
  }
}

TEST_CASE("an unknown projection is refused, listing what there is") {
  const auto unknown = projection_named("balnce", casino_ledger());
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Code::invalid);
  CHECK(unknown.error().hint ==
        "it is session, balance, pnl, portfolio, conversation, summary, progress, status, cost or "
        "totals");
  for (const ProjectionKind& kind : projection_kinds()) {
    CHECK(projection(kind.name)->name() == kind.name);
  }
}

TEST_SUITE_END();

}  // namespace agentstore
