#include "formats/answers/balance.hpp"

#include <doctest/doctest.h>

using namespace agentstore;
using namespace agentstore::formats;

namespace {

Decimal decimal(std::string_view text) {
  return Decimal::parse(text).value();
}

BalanceAnswer answer_of(const Holdings& by_asset) {
  BalanceAnswer answer{.session = {},
                       .last_sequence_number = 8,
                       .events = 12,
                       .balance = std::nullopt,
                       .by_asset = by_asset,
                       .incomplete = {}};
  answer.session.id = "s";
  return answer;
}

}  // namespace

TEST_SUITE_BEGIN("balance");

TEST_CASE("digits line up, and every one of them is shown") {
  StringSink sink;
  write_balance_text(sink,
                     answer_of({{"BTC", decimal("0.00000001")},
                                {"PFLEA", decimal("-12.5")},
                                {"X\x1b", decimal("1e20")}}),
                     {}, {});
  CHECK(sink.text ==
        "                          0.00000001 BTC\n"
        "                        -12.50000000 PFLEA\n"
        "100,000,000,000,000,000,000.00000000 X\\u{1b}\n"
        "up to #8 of 12\n");
}

TEST_CASE("where nothing is held, that is said") {
  StringSink sink;
  BalanceAnswer answer = answer_of({});
  write_balance_text(sink, answer, {}, {});
  answer.asset = "X\x1b";
  write_balance_text(sink, answer, {}, {});
  CHECK(sink.text ==
        "nothing: no ledger event   up to #8 of 12\n"
        "nothing of X\\u{1b}   up to #8 of 12\n");
}

TEST_CASE("a negative balance is red where there is colour") {
  StringSink sink;
  write_balance_text(sink, answer_of({{"PFLEA", decimal("-0.2")}}), {}, {.color = true});
  CHECK(sink.text == "\x1b[31m-0.2\x1b[0m PFLEA   \x1b[2mup to #8 of 12\x1b[0m\n");
}

TEST_CASE("a register grows its columns as it goes") {
  StringSink sink;
  BalanceRegister rows{sink, BalanceRegister::Format::text, {}, answer_of({}), {}, false};
  const auto row = [&](std::uint64_t number, std::string type, const char* change,
                       const char* balance) {
    rows.row({.sequence_number = number,
              .at = {0, 0},
              .period = {},
              .type = std::move(type),
              .asset = "USD",
              .change = decimal(change),
              .balance = decimal(balance),
              .asset_balance = decimal(balance),
              .detail = {}});
  };
  row(1, "Paid", "5", "5");
  row(2, "A.Type.That.Is.Long", "-0.125", "4.875");
  row(3, "Paid", "0", "4.875");
  rows.end();
  CHECK(sink.text ==
        "#  TIME                 TYPE                 CHANGE     BALANCE\n"
        "1  1970-01-01 00:00:00  Paid                     +5           5\n"
        "2  1970-01-01 00:00:00  A.Type.That.Is.Long      -0.125       4.875\n"
        "3  1970-01-01 00:00:00  Paid                      0.000       4.875\n");
}

TEST_CASE("what is incomplete is in the JSON: events by number, then texts") {
  BalanceAnswer answer = answer_of({{"A\"", decimal("1.50")}});
  answer.incomplete = {.events = {5}, .inputs = {"a:3: x"}};
  StringSink sink;
  write_balance_json(sink, answer, {.before = Timestamp{}});
  CHECK(
      sink.text ==
      R"({"schema":"agentstore/balance/1","session_id":"s","at":null,)"
      R"("before":"1970-01-01T00:00:00.000000000Z","last_sequence_number":8,"incomplete":[5,"a:3: x"],)"
      R"("rules":null,"balance":null,"by_asset":{"A\"":1.5}})"
      "\n");
}

TEST_SUITE_END();
