#include "replay/command_data.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "support/events.hpp"

namespace agentstore {
namespace {

using test::code_of;
using Kind = CommandMember::Kind;

constexpr std::array members{CommandMember{"amount", Kind::amount, true},
                             CommandMember{"asset", Kind::text, false}};

Result<CommandData> read(std::string_view text) {
  return CommandData::read("Deposit", text, members);
}

}  // namespace

TEST_SUITE("data of commands") {
  TEST_CASE("members are given as they were written") {
    const auto data = read(R"({"amount":1.50e1,"asset":"B\u0054C"})");
    REQUIRE(data);
    CHECK(data->token("amount") == "1.50e1");
    CHECK(data->amount("amount").to_string() == "15");
    CHECK(data->text("asset") == "BTC");
    CHECK_FALSE(read(R"({"amount":1})")->text("asset"));
  }

  TEST_CASE("what is malformed is invalid, and says what the command takes") {
    for (const char* const text :
         {"", "[]", "7", R"({"amount":)", R"({"amount":1,"amount":2})", "{}", R"({"asset":"x"})",
          R"({"amount":"1"})", R"({"amount":1,"asset":""})", R"({"amount":1,"asset":7})",
          R"({"amount":1,"coin":"x"})"}) {
      CAPTURE(text);
      CHECK(code_of(read(text)) == Code::invalid);
    }
    CHECK(read("{}").error().hint == "it takes amount, asset (optional)");
    CHECK(read(R"({"amount":1,"aset":"x"})").error().hint == "did you mean \"asset\"?");
    CHECK(code_of(read(R"({"amount":1,"asset":")" + std::string(257, 'x') + "\"}")) ==
          Code::invalid);
  }

  TEST_CASE("an amount that no ledger could hold is refused") {
    for (const char* const amount : {"0", "-1", "-0.00", "1e36", "1e400", "1e-31"}) {
      CAPTURE(amount);
      CHECK(code_of(read(R"({"amount":)" + std::string{amount} + "}")) == Code::conflict);
    }
    CHECK(read(R"({"amount":1e-30})"));
    CHECK(read(R"({"amount":999999999999999999999999999999999999})"));
  }
}

}  // namespace agentstore
