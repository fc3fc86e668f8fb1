#include "store/rules.hpp"

#include <doctest/doctest.h>

#include "support/events.hpp"

namespace agentstore {

using test::code_of;
using test::TempFolder;
using test::write_text;

TEST_SUITE("rules of a folder") {
  TEST_CASE("where there is no file, there are no upcasts, and the ledger is the other one") {
    const TempFolder folder;
    const auto upcasts = read_upcasts(folder.path());
    REQUIRE(upcasts);
    CHECK(upcasts->empty());
    Ledger other;
    other.default_asset = "TOKENS";
    CHECK(read_ledger(folder.path(), other)->default_asset == "TOKENS");
  }

  TEST_CASE("a file in the folder wins") {
    const TempFolder folder;
    write_text(folder / "ledger.json", R"({"default_asset":"EUR","types":{}})");
    CHECK(read_ledger(folder.path(), {})->default_asset == "EUR");
  }

  TEST_CASE("what is wrong names the file") {
    const TempFolder folder;
    write_text(folder / "ledger.json", "{");
    write_text(folder / "upcasts.json", "[]");
    const auto ledger = read_ledger(folder.path(), {});
    REQUIRE(code_of(ledger) == Code::invalid);
    CHECK(ledger.error().message.starts_with((folder / "ledger.json").string() + ": "));
    const auto upcasts = read_upcasts(folder.path());
    REQUIRE(code_of(upcasts) == Code::invalid);
    CHECK(upcasts.error().message.starts_with((folder / "upcasts.json").string() + ": "));
  }
}

}  // namespace agentstore
