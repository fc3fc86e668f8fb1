// The store in memory makes lines and hashes when somebody asks: nothing may tell when that was.

#include <doctest/doctest.h>

#include <random>
#include <thread>

#include "support/events.hpp"
#include "support/seed.hpp"

namespace agentstore {
namespace {

using test::at_second;
using test::read_events;

// Looks at hashes and lines.
class Hasher : public Projection {
 public:
  std::string_view name() const override { return "hasher"; }
  int version() const override { return 1; }
  Result<void> apply(const EventView& event) override {
    hashes_ += std::string{event.hash} + (event.line.empty() ? "-" : "+");
    return {};
  }
  std::string to_json() const override { return '"' + hashes_ + '"'; }
  Result<void> from_json(std::string_view /*json*/) override { return fail(Code::corrupt, ""); }

 private:
  std::string hashes_;
};

std::vector<Draft> some_drafts(std::mt19937_64& random) {
  static const char* const types[] = {"BetPlaced", "FundsDeposited", "user_message", "tool_called"};
  std::vector<Draft> drafts(1 + random() % 3);
  for (Draft& draft : drafts) {
    draft = {.type = types[random() % 4],
             .payload = R"({ "amount": )" + std::to_string(random() % 100) + ".5}",
             .metadata = R"({"tokens_in":1})"};
    if (random() % 3 == 0) draft.timestamp = at_second(static_cast<std::int64_t>(random() % 99));
  }
  return drafts;
}

State plain_state(const Store& store, std::string_view name, const Point& point) {
  const auto projection = projection_named(name, casino_ledger()).value()("s");
  auto state = store.state("s", *projection, {.filter = filter_of(point)});
  REQUIRE(state);
  return std::move(*state);
}

}  // namespace

TEST_SUITE_BEGIN("memory");

TEST_CASE("an event has the same hash whenever it is asked for, and the log verifies") {
  const std::uint64_t seed = test::seed();
  MESSAGE("seed " << seed);
  std::mt19937_64 random{seed};
  Store store = Store::in_memory({.snapshot_interval = 0});
  REQUIRE(store.create_session({.id = "s"}));
  std::vector<Receipt> receipts;
  std::vector<std::string> early(1);
  for (int i = 0; i < 40; ++i) {
    const auto appended = store.append("s", some_drafts(random));
    REQUIRE(appended);
    for (const Receipt& receipt : *appended) receipts.push_back(receipt);
    early.resize(receipts.size());
    if (random() % 4 == 0) early.back() = receipts.back().hash.hex();
  }
  const auto verified = store.verify("s");
  REQUIRE(verified);
  CHECK(verified->verdict == Verdict::clean);
  CHECK(verified->finding_count == 0);
  CHECK(verified->head == receipts.back().hash.hex());
  const auto kept = read_events(store, "s");
  REQUIRE(kept.events.size() == receipts.size());
  for (std::size_t i = 0; i < receipts.size(); ++i) {
    CHECK(kept.events[i].hash == receipts[i].hash.hex());
    if (!early[i].empty()) CHECK(early[i] == receipts[i].hash.hex());
  }
}

TEST_CASE("a state is that of a fold over the lines, with or without snapshots") {
  const std::uint64_t seed = test::seed();
  MESSAGE("seed " << seed);
  std::mt19937_64 random{seed};
  for (const std::uint64_t interval : {0, 1, 7}) {
    CAPTURE(interval);
    Store store = Store::in_memory({.snapshot_interval = interval});
    REQUIRE(store.create_session({.id = "s"}));
    for (int i = 0; i < 30; ++i) {
      REQUIRE(store.append("s", some_drafts(random)));
      const std::uint64_t events = store.session("s")->event_count;
      if (random() % 10 == 0) (void)store.redact("s", 1 + random() % events, "a test");
      const Point points[] = {{},
                              {.sequence_number = random() % (events + 2)},
                              {.at = at_second(static_cast<std::int64_t>(random() % 99))}};
      for (const ProjectionKind& kind : projection_kinds()) {
        for (const Point& point : points) {
          CAPTURE(kind.name);
          const State expected = plain_state(store, kind.name, point);
          const auto state =
              store.state("s", projection_named(kind.name, casino_ledger()).value(), point);
          REQUIRE(state);
          REQUIRE(state->json == expected.json);
          REQUIRE(state->last_sequence_number == expected.last_sequence_number);
          REQUIRE(state->notes.size() == expected.notes.size());
        }
      }
    }
  }
}

TEST_CASE("a projection that looks at lines gets them") {
  Store store = Store::in_memory();
  REQUIRE(store.create_session({.id = "s"}));
  const auto receipt = store.append("s", {.type = "custom"});
  REQUIRE(receipt);
  const auto state =
      store.state("s", [](std::string_view) { return std::make_unique<Hasher>(); }, {});
  REQUIRE(state);
  CHECK(state->json == '"' + receipt->hash.hex() + "+\"");
}

TEST_CASE("threads that append, fold and ask for hashes do not disturb one another") {
  Store store = Store::in_memory({.snapshot_interval = 10});
  REQUIRE(store.create_session({.id = "s"}));
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 50; ++i) {
          const auto receipt = store.append("s", {.type = "custom", .payload = "[1,2]"});
          if (t == 0 && receipt) (void)receipt->hash.hex();
          if (t == 1) (void)store.state("s");
          if (t == 2 && i == 25) (void)store.redact("s", 3, "a test");
        }
      });
    }
  }
  const auto verified = store.verify("s", {.snapshots = true});
  REQUIRE(verified);
  CHECK(verified->events == 201);
  CHECK(verified->finding_count == 0);
}

}  // namespace agentstore
