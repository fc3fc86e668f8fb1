// What a store promises beside its answers: who outlives whom, and what becomes of exceptions.

#include <doctest/doctest.h>

#include <filesystem>
#include <stdexcept>
#include <thread>
#include <type_traits>

#include "agentstore/agentstore.hpp"
#include "support/events.hpp"
#include "support/lines.hpp"

namespace agentstore {
namespace {

using test::with_each_backend;

// A view of a text that is gone.
static_assert(!std::is_constructible_v<json::Value, std::string>);
static_assert(!std::is_convertible_v<std::string, json::Value>);
static_assert(std::is_constructible_v<json::Value, const std::string&>);
static_assert(std::is_constructible_v<json::Value, std::string_view>);
static_assert(std::is_constructible_v<json::Value, const char*>);

constexpr std::uint64_t many_events = 60'000;  // enough to be read by several threads

struct Thrown : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Throwing : public Projection {
 public:
  explicit Throwing(std::uint64_t at) : at_(at) {}
  std::string_view name() const override { return "throwing"; }
  int version() const override { return 1; }
  Result<void> apply(const EventView& event) override {
    if (event.sequence_number == at_) throw Thrown{"at the event"};
    return {};
  }
  std::string to_json() const override { return R"({"a":"state"})"; }
  Result<void> from_json(std::string_view) override { return {}; }

 private:
  std::uint64_t at_;
};

ProjectionFactory throwing_at(std::uint64_t number) {
  return [number](std::string_view) { return std::make_unique<Throwing>(number); };
}

void make(Store& store, std::uint64_t events, const std::string& id = "s") {
  REQUIRE(store.create_session({.id = id}));
  const std::vector<Draft> drafts(events, Draft{.type = "custom", .payload = R"({"n":1})"});
  REQUIRE(store.append(id, drafts));
}

void write_upcasts(const test::Path& folder) {
  test::write_text(folder / "upcasts.json",
                   R"({"rules":[{"type":"custom","from_version":1,"defaults":{"/game":"dice"}}]})");
}

std::uint64_t rest_of(EventReader& reader) {
  const auto kept = test::drain(reader);
  CHECK_FALSE(kept.error);
  return kept.events.size();
}

}  // namespace

TEST_SUITE_BEGIN("contract");

TEST_CASE("a reader outlives its store") {
  with_each_backend({.snapshot_interval = 0}, [](Store& store) {
    make(store, 3000);
    make(store, 2, "t");
    auto one = store.read("s").value();
    auto all = store.read_all().value();
    const std::uint64_t first = one->next().value().size();
    REQUIRE(first > 0);
    {
      const Store gone = std::move(store);
    }
    CHECK(first + rest_of(*one) == 3000);
    CHECK(one->poll() == false);
    CHECK(rest_of(*all) == 3002);
  });
}

TEST_CASE("a reader outlives its store where the folder has upcasts, too") {
  const test::TempFolder folder;
  std::unique_ptr<EventReader> one;
  std::unique_ptr<EventReader> all;
  {
    Store store = Store::open(folder / "data").value();
    make(store, 3);
    write_upcasts(folder / "data");
    const Store again = Store::open(folder / "data").value();
    one = again.read("s").value();
    all = again.read_all().value();
  }
  for (EventReader* const reader : {one.get(), all.get()}) {
    const auto kept = test::drain(*reader);
    REQUIRE(kept.events.size() == 3);
    CHECK(kept.events[2].payload == R"({"n":1,"game":"dice"})");
  }
}

TEST_CASE("a session's events are a value: they outlive store and session, and are what was read") {
  with_each_backend([](Store& store) {
    make(store, 3000);
    REQUIRE(store.append("s", Draft{.type = "other", .payload = R"({"text":"\u00e9"})"}));
    const auto read = test::read_events(store, "s").events;
    Events all = store.events("s").value();
    const Events some = store.events("s", {.filter = {.types = {"other"}}}).value();
    const Events newest = store.events("s", {.filter = {.newest = 2}}).value();
    REQUIRE(store.redact("s", 2, "why"));
    const Events redacted = store.events("s").value();
    {
      const Store gone = std::move(store);
    }
    const Events copy = all;
    all = Events{};
    REQUIRE(copy.size() == read.size());
    for (std::size_t i = 0; i < read.size(); ++i) {
      CAPTURE(i);
      REQUIRE(copy[i].session_id == "s");
      REQUIRE(copy[i].sequence_number == read[i].sequence_number);
      REQUIRE(copy[i].type == read[i].type);
      REQUIRE(copy[i].timestamp == read[i].timestamp);
      REQUIRE(copy[i].metadata == read[i].metadata);
      REQUIRE(copy[i].payload == read[i].payload);
      REQUIRE(copy[i].event_id == read[i].event_id);
    }
    CHECK(copy.report().events == 3001);
    REQUIRE(some.size() == 1);
    CHECK(some[0].sequence_number == 3001);
    CHECK(newest.size() == 2);
    CHECK(redacted[1].redacted_by == 3002);
    CHECK(redacted[1].payload == "null");
  });
}

TEST_CASE("a store that was moved from refuses every call, and may be closed and destroyed") {
  Store store = Store::in_memory();
  make(store, 1);
  Store taken = std::move(store);
  const auto closed = [](const auto& result) {
    return !result && result.error().code == Code::closed;
  };
  CHECK(closed(store.create_session()));
  CHECK(closed(store.session("s")));
  CHECK(closed(store.sessions()));
  CHECK(closed(store.change_session("s", {})));
  CHECK(closed(store.append("s", Draft{.type = "custom"})));
  CHECK(closed(store.append("s", std::span<const Draft>{})));
  CHECK(closed(store.read("s")));
  CHECK(closed(store.read_all()));
  CHECK(closed(store.events("s")));
  CHECK(closed(store.read_parts("s", {}, {})));
  CHECK(closed(store.upcasts()));
  CHECK(closed(store.ledger()));
  CHECK(closed(store.state("s")));
  CHECK(closed(store.state("s", make_session_projection, {})));
  CHECK(closed(store.fold("s", make_session_projection)));
  CHECK(closed(store.fold_to_decide("s", make_session_projection)));
  CHECK(closed(store.reduce("s", 0, [](int&, const EventView&) {})));
  CHECK(closed(store.verify("s")));
  CHECK(closed(store.known_ids()));
  CHECK(closed(store.check_cached_aggregate("s", {})));
  CHECK(closed(store.repair("s")));
  CHECK(closed(store.redact("s", 1, "why")));
  CHECK(closed(store.import_session({}, nullptr)));
  CHECK(closed(store.close()));
  CHECK(taken.session("s"));
}

TEST_CASE("assignment closes the store that is replaced at once") {
  const test::TempFolder folder;
  Store store = Store::open(folder / "one").value();
  make(store, 3);
  store = Store::open(folder / "two").value();
  // Closing is what writes the number of events into a session's file.
  CHECK(test::read_text(folder / "one/sessions/s.json").find("\"event_count\": 3") !=
        std::string::npos);
  CHECK_FALSE(store.session("s"));
  Store& same = store;
  store = std::move(same);
  CHECK(store.create_session());
}

TEST_CASE("what a projection throws while a session is read reaches the caller") {
  with_each_backend({.snapshot_interval = 0}, [](Store& store) {
    make(store, 20);
    CHECK_THROWS_AS((void)store.state("s", throwing_at(7), {}), Thrown);
    CHECK_THROWS_AS((void)store.fold("s", throwing_at(7)), Thrown);
    Throwing projection{7};
    CHECK_THROWS_AS((void)store.state("s", projection), Thrown);
    CHECK(store.state("s", throwing_at(0), {}));
  });
}

TEST_CASE("what is thrown in a reading by many threads reaches the caller, whoever throws") {
  const test::TempFolder folder;
  Store store =
      Store::open(folder / "data", {.durability = Durability::none, .snapshot_interval = 0})
          .value();
  make(store, many_events);
  CHECK_THROWS_AS((void)store.fold("s", throwing_at(many_events - 5)), Thrown);

  struct Counting : Part {
    void restart() override {}
    Result<void> take(std::span<const EventView> events) override {
      for (const EventView& event : events)
        if (event.sequence_number == many_events - 7) throw Thrown{"in a part"};
      return {};
    }
  };
  const auto part = [] { return std::make_unique<Counting>(); };
  const auto taken = [](Part&) { return Joined::taken; };
  CHECK_THROWS_AS((void)store.read_parts("s", {}, {.make = part, .join = taken}), Thrown);
  CHECK_THROWS_AS(
      (void)store.read_parts(
          "s", {},
          {.make = []() -> std::unique_ptr<Part> { throw Thrown{"no part"}; }, .join = taken}),
      Thrown);
  CHECK_THROWS_AS((void)store.read_parts(
                      "s", {.filter = {.to_seq = 3}},
                      {.make = part, .join = [](Part&) -> Joined { throw Thrown{"joined"}; }}),
                  Thrown);
  CHECK(store.verify("s")->verdict == Verdict::clean);
}

TEST_CASE("a reader whose predicate threw gives nothing more, rather than passing events over") {
  with_each_backend({.snapshot_interval = 0}, [](Store& store) {
    make(store, 20);
    int left = 5;
    const ReadOptions options{.filter = {.predicate = [&](const EventView&) {
                                if (left-- == 0) throw Thrown{"the predicate"};
                                return true;
                              }}};
    for (const bool merged : {false, true}) {
      left = 5;
      auto reader = merged ? store.read_all(options).value() : store.read("s", options).value();
      CHECK_THROWS_AS((void)reader->next(), Thrown);
      const auto after = reader->next();
      REQUIRE_FALSE(after);
      CHECK(after.error().code == Code::closed);
    }
    CHECK(rest_of(*store.read("s").value()) == 20);
  });
}

TEST_CASE("a projection that throws at a snapshot does not make its append look failed") {
  std::vector<std::string> notices;
  const StoreOptions options{
      .snapshot_interval = 10,
      .projection = throwing_at(5),
      .on_notice = [&](const std::string& text) { notices.push_back(text); }};
  with_each_backend(options, [&](Store& store) {
    make(store, 9);
    notices.clear();
    const auto receipt = store.append("s", Draft{.type = "custom"});
    REQUIRE(receipt);
    CHECK(receipt->sequence_number == 10);
    REQUIRE(notices.size() == 1);
    CHECK(notices[0].find("a projection threw: at the event") != std::string::npos);
    CHECK(store.append("s", Draft{.type = "custom"}));
  });
}

TEST_CASE("a notice that throws does not make what is durable look failed") {
  const test::TempFolder folder;
  int told = 0;
  const StoreOptions options{.on_notice = [&](const std::string&) {
    ++told;
    throw Thrown{"the notice"};
  }};
  Store store = Store::open(folder / "data", options).value();
  make(store, 2);
  const test::Path log = folder / "data/events/s.jsonl";
  test::append_text(log, R"({"session_id":"s","sequence_number":3,"ty)");
  const auto receipt = store.append("s", Draft{.type = "custom"});
  REQUIRE(receipt);
  CHECK(told == 1);
  CHECK(receipt->sequence_number == 4);  // after the event that tells of the repair
  test::append_text(log, R"({"session_id":"s","sequence_number":5,"ty)");
  CHECK(store.repair("s"));
  CHECK(told == 2);
  CHECK(store.verify("s")->verdict == Verdict::clean);
  CHECK(store.close());
}

TEST_CASE("a notice of an append that is refused may throw, and the store goes on") {
  const test::TempFolder folder;
  Store store = Store::open(folder / "data",
                            {.on_notice = [](const std::string&) { throw Thrown{"the notice"}; }})
                    .value();
  make(store, 2);
  const test::Path log = folder / "data/events/s.jsonl";
  test::append_text(log, R"({"session_id":"s","sequence_number":3,"ty)");
  CHECK_THROWS_AS(
      (void)store.append("s", Draft{.type = "custom"}, AppendOptions{.expected_version = 1}),
      Thrown);
  CHECK(store.append("s", Draft{.type = "custom"}));
}

TEST_CASE("a notice may call the store") {
  const test::TempFolder folder;
  std::optional<Store> store;
  std::uint64_t noted = 0;
  store = Store::open(
              folder / "data",
              {.on_notice =
                   [&](const std::string& text) {
                     noted =
                         store->append("s", Draft{.type = "custom", .payload = json::quote(text)})
                             .value()
                             .sequence_number;
                   }})
              .value();
  make(*store, 2);
  test::append_text(folder / "data/events/s.jsonl", R"({"session_id":"s","sequence_number":3,"ty)");
  CHECK(store->append("s", Draft{.type = "custom"})->sequence_number == 4);
  CHECK(noted == 5);
}

TEST_CASE("many threads append while notices throw: everybody is told, and nobody waits for ever") {
  const test::TempFolder folder;
  Store store = Store::open(folder / "data",
                            {.snapshot_interval = 5,
                             .projection = throwing_at(3),
                             .on_notice = [](const std::string&) { throw Thrown{"the notice"}; }})
                    .value();
  make(store, 1);
  std::atomic<int> stored = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 6; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 20; ++i)
          if (store.append("s", Draft{.type = "custom"})) ++stored;
      });
  }
  CHECK(stored == 120);
  CHECK(store.session("s")->event_count == 121);
}

TEST_CASE("what a list's callback throws reaches the caller") {
  const test::TempFolder folder;
  Store store = Store::open(folder / "data").value();
  make(store, 1);
  const test::Path file = folder / "data/sessions/s.json";
  test::write_text(file, "{");
  std::filesystem::remove(folder / "data/events/s.jsonl");
  std::filesystem::create_directory(folder / "data/events/s.jsonl");
  const ListOptions options{
      .on_unreadable = [](const std::string&, const Error&) { throw Thrown{"unreadable"}; }};
  CHECK_THROWS_AS((void)store.sessions(options), Thrown);
}

TEST_CASE("lines that throw while a session is taken over leave nothing behind") {
  with_each_backend([](Store& store) {
    Session session;
    session.id = "s";
    CHECK_THROWS_AS(
        (void)store.import_session(
            session, []() -> Result<std::optional<std::string_view>> { throw Thrown{"the line"}; }),
        Thrown);
    CHECK_FALSE(store.session("s"));
    make(store, 1);
  });
}

TEST_CASE("a reader that waits is told of growth, or that there was none") {
  with_each_backend([](Store& store) {
    make(store, 1);
    const auto reader = store.read("s").value();
    CHECK(rest_of(*reader) == 1);
    CHECK(reader->wait_for(std::chrono::milliseconds{0}) == false);
    CHECK(reader->wait_for(std::chrono::milliseconds{2}) == false);
    std::jthread other{[&] { CHECK(store.append("s", Draft{.type = "custom"})); }};
    CHECK(reader->wait_for(std::chrono::minutes{1}) == true);
    CHECK(rest_of(*reader) == 1);
  });
}

TEST_SUITE_END();

}  // namespace agentstore
