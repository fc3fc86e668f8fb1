#include "agentstore/command.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "agentstore/json.hpp"
#include "support/folder.hpp"

using namespace agentstore;

namespace {

/// An account in memory, and what its commands become.
struct Account {
  Store store = Store::in_memory();
  std::string id = store.create_session().value().id;
  Submitter submitter{store, id, casino_commands(casino_ledger())};

  /// "Type payload", of several joined by " | "; or why it was refused.
  std::string submit(std::string_view command, std::string_view data) {
    const auto receipts = submitter.submit(command, data);
    if (!receipts) {
      CAPTURE(receipts.error().message);
      code = receipts.error().code;
      return receipts.error().message;
    }
    std::string text;
    auto reader = store.read(id, {.filter = {.from_seq = receipts->front().sequence_number}});
    const auto events = reader.value()->next().value();
    for (const EventView& event : events)
      text +=
          (text.empty() ? "" : " | ") + std::string{event.type} + ' ' + std::string{event.payload};
    return text;
  }

  bool refused(std::string_view command, std::string_view data, Code with, std::string_view why) {
    const std::uint64_t before = count();
    const std::string message = submit(command, data);
    CAPTURE(message);
    CAPTURE(why);
    CHECK(message.find(why) != message.npos);
    CHECK(code == with);
    return count() == before && code == with && message.find(why) != message.npos;
  }

  std::uint64_t count() const { return store.session(id).value().event_count; }

  void open_with(std::string_view amount) {
    submit("RegisterAgent", R"({"agent_type":"dice"})");
    submit("DepositFunds", R"({"amount":)" + std::string{amount} + '}');
  }

  Code code{};
};

/// A handler of two functions: a door that opens twice.
class Door final : public CommandHandler {
 public:
  Result<void> apply(const EventView& event) override {
    if (throws == event.type) throw std::runtime_error{"no such door"};
    ++opened_;
    return {};
  }
  Result<std::vector<Draft>> decide(std::string_view command,
                                    std::string_view data) const override {
    if (throws == command) throw std::runtime_error{"no such door"};
    if (opened_ == 2) return fail(Code::conflict, "the door is shut");
    return std::vector<Draft>{{.type = "Opened", .payload = std::string{data}}};
  }

  inline static std::string throws;  // at this command, or event

 private:
  int opened_ = 0;
};

CommandHandlerFactory doors() {
  return [](std::string_view) { return std::make_unique<Door>(); };
}

}  // namespace

TEST_SUITE_BEGIN("commands");

TEST_CASE("each command becomes its event, amounts as they were written") {
  Account account;
  CHECK(account.submit("RegisterAgent", R"({"agent_type":"dice","display_name":"Ada"})") ==
        R"(AgentRegistered {"agent_type":"dice","display_name":"Ada"})");
  CHECK(account.submit("ClaimFaucet", R"({"amount":1000.00,"tx_id":"f-1"})") ==
        R"(FaucetClaimed {"amount":1000.00,"asset":"PFLEA","tx_id":"f-1"})");
  CHECK(account.submit("DepositFunds", R"({"amount":0.10000000,"asset":"BTC"})") ==
        R"(FundsDeposited {"amount":0.10000000,"asset":"BTC"})");
  CHECK(account.submit("PlaceBet", R"({"bet_id":"b-1","game":"dice","amount":120.00})") ==
        R"(BetPlaced {"amount":120.00,"asset":"PFLEA","game":"dice","bet_id":"b-1"})");
  CHECK(account.submit("SettleBet", R"({"bet_id":"b-1","outcome":"won","amount":228.60})") ==
        R"(BetWon {"amount":228.60,"asset":"PFLEA","game":"dice","bet_id":"b-1"})");
  CHECK(account.submit("ChargeFee", R"({"fee":2.286,"bet_id":"b-1"})") ==
        R"(FeeCharged {"fee":2.286,"asset":"PFLEA","bet_id":"b-1"})");
  CHECK(account.submit("LockEscrow", R"({"amount":200,"reason":"tournament"})") ==
        R"(EscrowLocked {"amount":200,"asset":"PFLEA","reason":"tournament"})");
  CHECK(account.submit("ReleaseEscrow", R"({"amount":150})") ==
        R"(EscrowReleased {"amount":150,"asset":"PFLEA"})");
  CHECK(account.submit("WithdrawFunds", R"({"amount":0.1,"asset":"BTC"})") ==
        R"(FundsWithdrawn {"amount":0.1,"asset":"BTC"})");
}

TEST_CASE("a bet is settled with its fee in one batch, and a lost one at its stake") {
  Account account;
  account.open_with("50");
  account.submit("PlaceBet", R"({"bet_id":"b-1","amount":20.00,"game":"dice"})");
  CHECK(account.submit("SettleBet",
                       R"({"bet_id":"b-1","outcome":"won","amount":39.5,"fee":0.395})") ==
        R"(BetWon {"amount":39.5,"asset":"PFLEA","game":"dice","bet_id":"b-1"} | )"
        R"(FeeCharged {"fee":0.395,"asset":"PFLEA","bet_id":"b-1"})");
  account.submit("PlaceBet", R"({"bet_id":"b-2","amount":10.00})");
  CHECK(account.submit("SettleBet", R"({"bet_id":"b-2","outcome":"lost"})") ==
        R"(BetLost {"amount":10.00,"asset":"PFLEA","bet_id":"b-2"})");
}

TEST_CASE("what the account does not allow is refused, and nothing is written") {
  Account account;
  CHECK(account.refused("DepositFunds", R"({"amount":1})", Code::conflict, "not registered"));
  CHECK(account.refused("SettleBet", R"({"bet_id":"b","outcome":"lost"})", Code::conflict,
                        "not registered"));
  account.open_with("100");
  account.submit("DepositFunds", R"({"amount":0.3,"asset":"BTC"})");
  CHECK(account.refused("RegisterAgent", R"({"agent_type":"dice"})", Code::conflict,
                        "registered already"));
  CHECK(account.refused("WithdrawFunds", R"({"amount":100.000000000000000001})", Code::conflict,
                        "insufficient funds: 100 PFLEA of 100.000000000000000001"));
  CHECK(account.refused("PlaceBet", R"({"bet_id":"b-1","amount":0.31,"asset":"BTC"})",
                        Code::conflict, "insufficient funds: 0.3 BTC of 0.31"));
  CHECK(account.refused("ChargeFee", R"({"fee":0.01,"asset":"ETH"})", Code::conflict,
                        "insufficient funds: 0 ETH of 0.01"));
  CHECK(account.refused("ChargeFee", R"({"fee":1,"bet_id":"b-1"})", Code::conflict, "no bet"));
  CHECK(account.refused("LockEscrow", R"({"amount":101})", Code::conflict, "insufficient"));
  account.submit("LockEscrow", R"({"amount":40})");
  CHECK(account.refused("WithdrawFunds", R"({"amount":61})", Code::conflict, "60 PFLEA of 61"));
  CHECK(account.refused("ReleaseEscrow", R"({"amount":40.01})", Code::conflict,
                        "more than is locked: 40 PFLEA of 40.01"));
  CHECK(account.refused("ReleaseEscrow", R"({"amount":1,"asset":"BTC"})", Code::conflict,
                        "0 BTC of 1"));
  CHECK(account.refused("SettleBet", R"({"bet_id":"b-1","outcome":"lost"})", Code::conflict,
                        "there is no bet \"b-1\""));
  account.submit("PlaceBet", R"({"bet_id":"b-1","amount":60})");
  CHECK(account.refused("PlaceBet", R"({"bet_id":"b-1","amount":0.1,"asset":"BTC"})",
                        Code::conflict, "a bet \"b-1\" already"));
  CHECK(account.refused("SettleBet", R"({"bet_id":"b-1","outcome":"lost","fee":1})", Code::conflict,
                        "for the fee: 0 PFLEA"));
  account.submit("SettleBet", R"({"bet_id":"b-1","outcome":"lost"})");
  CHECK(account.refused("SettleBet", R"({"bet_id":"b-1","outcome":"won","amount":120})",
                        Code::conflict, "settled already"));
}

TEST_CASE("bad amounts are refused") {
  Account account;
  account.open_with("100");
  for (const char* const amount : {"0", "0.00", "-1", "-1e-30", "1e36", "1e400", "1e-31"}) {
    CAPTURE(amount);
    CHECK(account.refused("DepositFunds", R"({"amount":)" + std::string{amount} + '}',
                          Code::conflict, "refused: the amount " + std::string{amount}));
  }
  CHECK(account.submit("DepositFunds", R"({"amount":1e-18})") ==
        R"(FundsDeposited {"amount":1e-18,"asset":"PFLEA"})");
}

TEST_CASE("data that cannot be read is invalid") {
  Account account;
  account.open_with("100");
  const struct {
    const char* command;
    const char* data;
    const char* why;
  } cases[] = {
      {"DepositFunds", "", "is not JSON"},
      {"DepositFunds", "{\"amount\":}", "is not JSON, at byte 10"},
      {"DepositFunds", "[1]", "is not a JSON object"},
      {"DepositFunds", "{}", "lacks \"amount\""},
      {"DepositFunds", R"({"amount":"5"})", "that is not a number"},
      {"DepositFunds", R"({"amount":null})", "that is not a number"},
      {"DepositFunds", R"({"amount":5,"asset":7})", "that is not text"},
      {"DepositFunds", R"({"amount":5,"asset":""})", "that is empty"},
      {"DepositFunds", R"({"amount":5,"amount":6})", "is not JSON"},
      {"DepositFunds", R"({"ammount":5})", "an unknown member \"ammount\""},
      {"PlaceBet", R"({"amount":5})", "lacks \"bet_id\""},
      {"SettleBet", R"({"bet_id":"b"})", "lacks \"outcome\""},
      {"SettleBet", R"({"bet_id":"b","outcome":"drawn"})", "neither won nor lost"},
      {"SettleBet", R"({"bet_id":"b","outcome":"won"})", "lacks \"amount\""},
      {"SettleBet", R"({"bet_id":"b","outcome":"lost","amount":1})", "but the bet was lost"},
      {"PlaceBte", "{}", "there is no command \"PlaceBte\""},
      {"", "{}", "there is no command"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.data);
    CHECK(account.refused(one.command, one.data, Code::invalid, one.why));
  }
}

TEST_CASE("events that others appended count, and a redacted one refuses every command") {
  Account account;
  account.open_with("100");
  account.store.append(account.id, {.type = "FundsWithdrawn", .payload = R"({"amount":99})"})
      .value();
  CHECK(account.refused("WithdrawFunds", R"({"amount":2})", Code::conflict, "1 PFLEA of 2"));
  Account redacted;
  redacted.open_with("100");
  REQUIRE(redacted.store.redact(redacted.id, 2, "a test"));
  CHECK(Submitter{redacted.store, redacted.id, casino_commands(casino_ledger())}
            .submit("WithdrawFunds", R"({"amount":2})")
            .error()
            .message.find("event #2") != std::string::npos);
}

TEST_CASE("commands are decided by the ledger that they are given") {
  const auto ledger = [](std::string_view types) {
    return parse_ledger(R"({"default_asset":"USD","types":{)" + std::string{types} + "}}").value();
  };
  const std::string paid = R"("FundsWithdrawn":{"sign":-1,"amount":"/amount"},)";
  const auto refusal = [](const Ledger& by, std::string_view command, std::string_view data) {
    Account account;
    account.open_with("6");
    const auto receipts =
        Submitter{account.store, account.id, casino_commands(by)}.submit(command, data);
    return receipts ? std::string{} : receipts.error().message;
  };
  const Ledger flipped = ledger(paid + R"("FundsDeposited":{"sign":-1,"amount":"/amount"})");
  CHECK(refusal(flipped, "WithdrawFunds", R"({"amount":1})")
            .contains("insufficient funds: -6 USD of 1"));
  CHECK(refusal(flipped, "WithdrawFunds", R"({"amount":1,"asset":"PFLEA"})")
            .contains("insufficient funds: 0 PFLEA of 1"));
  CHECK(refusal(flipped, "DepositFunds", R"({"amount":1})")
            .contains("insufficient funds: -6 USD of 1, by"));
  const Ledger halved =
      ledger(paid + R"("FundsDeposited":{"sign":1,"amount":"/amount","asset":"/asset"})");
  CHECK(refusal(halved, "WithdrawFunds", R"({"amount":6})").contains("0 USD"));
  CHECK(refusal(halved, "DepositFunds", R"({"amount":1})").empty());
  const Ledger blind = ledger(R"("FundsDeposited":{"sign":1,"amount":"/amount"})");
  CHECK(refusal(blind, "PlaceBet", R"({"bet_id":"b","amount":5})")
            .contains("does not count BetPlaced"));
  CHECK(refusal(ledger(R"("FundsDeposited":{"sign":1,"amount":"/amount","asset":"/asset"})"),
                "WithdrawFunds", R"({"amount":5,"asset":"PFLEA"})")
            .contains("does not count FundsWithdrawn"));
  CHECK(refusal(ledger(R"("AgentRegistered":{"sign":1,"amount":"/n"})"), "DepositFunds",
                R"({"amount":5})")
            .contains("event #1"));
  CHECK(refusal(ledger(R"("FaucetClaimed":{"sign":1,"amount":"/n"})"), "ClaimFaucet",
                R"({"amount":5})")
            .contains("cannot count it: FaucetClaimed has no /n"));
}

TEST_CASE("an amount that was written as a text counts, and one that cannot be read stops all") {
  Account account;
  account.open_with("1");
  account.store.append(account.id, {.type = "FundsDeposited", .payload = R"({"amount":"9.50"})"})
      .value();
  account.store
      .append(account.id, {.type = "BetPlaced", .payload = R"({"bet_id":"b","amount":"2.50"})"})
      .value();
  CHECK(account.refused("WithdrawFunds", R"({"amount":9})", Code::conflict, "8 PFLEA of 9"));
  CHECK(account.submit("SettleBet", R"({"bet_id":"b","outcome":"lost"})") ==
        R"(BetLost {"amount":2.50,"asset":"PFLEA","bet_id":"b"})");
  account.store.append(account.id, {.type = "FundsDeposited", .payload = R"({"amount":"$5"})"})
      .value();
  CHECK(account.refused("DepositFunds", R"({"amount":1})", Code::conflict, "for want of event #6"));
}

TEST_CASE("an event id of the caller's is kept, and makes a second try harmless") {
  Account account;
  account.open_with("100");
  const SubmitOptions options{.event_id = "dep-1", .timestamp = Timestamp{86'400, 0}};
  const auto first = account.submitter.submit("DepositFunds", R"({"amount":5})", options);
  const auto second = account.submitter.submit("DepositFunds", R"({"amount":5})", options);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->front().event_id == "dep-1");
  CHECK_FALSE(first->front().duplicate);
  CHECK(second->front().duplicate);
  const auto other = account.submitter.submit("DepositFunds", R"({"amount":6})", options);
  REQUIRE_FALSE(other);
  CHECK(other.error().code == Code::conflict);
  CHECK(account.count() == 3);
}

TEST_CASE("many that submit at once never overdraw") {
  Account account;
  account.open_with("10");
  std::vector<std::thread> threads;
  std::atomic<int> accepted = 0;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      Submitter submitter{account.store, account.id, casino_commands(casino_ledger())};
      for (int n = 0; n < 5; ++n)
        if (submitter.submit("WithdrawFunds", R"({"amount":1})")) ++accepted;
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(accepted == 10);
  CHECK(account.refused("WithdrawFunds", R"({"amount":0.01})", Code::conflict, "0 PFLEA"));
}

TEST_CASE("what a handler throws reaches the caller, nothing is written, and the next goes on") {
  Account account;
  Submitter submitter{account.store, account.id, doors()};
  REQUIRE(submitter.submit("Open", "{}"));
  for (const char* const at : {"Opened", "Open"}) {  // in apply, in decide
    Door::throws = at;
    CHECK_THROWS_AS((void)submitter.submit("Open", "{}"), std::runtime_error);
    CHECK(account.count() == 1);
  }
  Door::throws.clear();
  CHECK(submitter.submit("Open", "{}"));
  CHECK(submitter.submit("Open", "{}").error().message == "the door is shut");
}

TEST_CASE("a handler without a name has no snapshots, in a folder neither") {
  const test::TempFolder folder;
  Store store = Store::open(folder / "data", {.snapshot_interval = 1}).value();
  const std::string id = store.create_session().value().id;
  for (int i = 0; i < 2; ++i) CHECK(Submitter{store, id, doors()}.submit("Open", "{}"));
  CHECK_FALSE(Submitter{store, id, doors()}.submit("Open", "{}"));
  const auto folds = folder / "data/folds" / id;
  for (const auto& one : std::filesystem::directory_iterator{folds})
    CHECK(one.is_directory());  // one a projection, by name
}

TEST_CASE("a handler of one's own decides over a state of one's own") {
  Account account;
  Submitter submitter{account.store, account.id, doors()};
  CHECK(submitter.submit("Open", "{}"));
  CHECK(submitter.submit("Open", "{}"));
  const auto third = submitter.submit("Open", "{}");
  REQUIRE_FALSE(third);
  CHECK(third.error().message == "the door is shut");
  CHECK(account.count() == 2);
}

TEST_SUITE_END();
