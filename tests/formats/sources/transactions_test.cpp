#include "formats/sources/transactions.hpp"

#include <doctest/doctest.h>

namespace agentstore::formats {
namespace {

std::string error_of(std::string_view text) {
  const auto read = read_transactions(text);
  return read ? "" : read.error().message;
}

}  // namespace

TEST_SUITE_BEGIN("transactions");

TEST_CASE("every type has its event, and others are unknown") {
  for (const auto& [type, event] : {std::pair{"bet", "BetPlaced"},
                                    {"win", "BetWon"},
                                    {"deposit", "FundsDeposited"},
                                    {"withdraw", "FundsWithdrawn"},
                                    {"fee", "FeeCharged"},
                                    {"faucet", "FaucetClaimed"},
                                    {"escrow", "EscrowLocked"},
                                    {"airdrop", "UnknownTransaction"}}) {
    const auto read =
        read_transactions(std::string{R"([{"id":"t","type":")"} + type + R"(","amount":1.50}])");
    REQUIRE(read);
    REQUIRE(read->size() == 1);
    CHECK(read->front().type == event);
    CHECK(read->front().event_id == "t");
  }
}

TEST_CASE("a fee has both names, to the letter") {
  const auto by_amount =
      read_transactions(R"({"transactions":[{"id":7,"type":"fee","amount":0.10}]})");
  REQUIRE(by_amount);
  CHECK(by_amount->front().payload == R"({"id":7,"type":"fee","amount":0.10,"fee":0.10})");
  CHECK(by_amount->front().event_id == "7");
  const auto by_fee = read_transactions(R"([{"tx_id":"x","type":"fee","fee":2}])");
  REQUIRE(by_fee);
  CHECK(by_fee->front().payload == R"({"tx_id":"x","type":"fee","fee":2,"amount":2})");
}

TEST_CASE("a page that begins with the newest is turned round") {
  const auto read = read_transactions(
      "{\"id\":\"b\",\"type\":\"x\",\"timestamp\":\"2026-03-01T00:00:02Z\"}\n"
      "{\"id\":\"a\",\"type\":\"x\",\"created_at\":1772323200}\n");
  REQUIRE(read);
  CHECK(read->front().event_id == "a");
  CHECK(format_rfc3339_short(*read->front().timestamp) == "2026-03-01T00:00:00Z");
}

TEST_CASE("bad records are named") {
  CHECK(error_of(R"([{"type":"bet","amount":1}])") == "transaction 1 has no id");
  CHECK(error_of(R"([{"id":"a","type":"x"},{"id":"b","type":"bet","amount":"1"}])") ==
        "transaction 2 has an amount that is no number");
  CHECK(error_of(R"([{"id":"a","type":"bet"}])") == "transaction 1 has no amount");
  CHECK(error_of(R"([{"id":"a","type":"x","timestamp":"noon"}])") ==
        "transaction 1 has a timestamp that is no time");
  CHECK(error_of(R"({"transactions":[{"id":"a")").starts_with("this is no page of transactions"));
  CHECK(error_of("").starts_with("this is no page of transactions"));
  CHECK(error_of("<html>500</html>").starts_with("this is no page of transactions"));
  CHECK(error_of(R"([{"id":"a","type":"bet","amount":NaN}])").starts_with("this is no page"));
}

TEST_SUITE_END();

}  // namespace agentstore::formats
