// Snapshots for points in time: which are kept, and that none of them ever changes an answer.

#include "store/keep.hpp"

#include <doctest/doctest.h>
#include <array>

#include <algorithm>
#include <random>
#include <utility>

#include "agentstore/json.hpp"
#include "backends/backend.hpp"
#include "log/draft.hpp"
#include "support/events.hpp"
#include "support/seed.hpp"

namespace agentstore {
namespace {

namespace fs = std::filesystem;
using test::at_second;
using test::keyed;
using test::read_text;
using test::TempFolder;
using test::write_text;

using Random = std::mt19937_64;

std::uint64_t below(Random& random, std::uint64_t limit) {
  return limit == 0 ? 0 : random() % limit;
}

// Anything that some projection looks at; times sometimes run backwards.
Draft random_draft(Random& random, std::int64_t& second, bool backwards) {
  static const char* const types[] = {"BetPlaced",    "BetWon",        "FeeCharged",
                                      "EscrowLocked", "user_message",  "llm_response",
                                      "tool_called",  "decision_made", "error"};
  second += static_cast<std::int64_t>(below(random, 3));
  const std::int64_t back = backwards && below(random, 6) == 0 ? 40 : 0;
  const std::string amount =
      std::to_string(below(random, 1000)) + "." + std::to_string(below(random, 100));
  return {.type = types[below(random, std::size(types))],
          .payload = R"({"amount":)" + amount + R"(,"asset":")" +
                     (below(random, 4) == 0 ? "BTC" : "PFLEA") + R"(","agent_id":"a"})",
          .metadata = R"({"tokens_in":1,"cost_usd":0.1})",
          .timestamp = at_second(second - back)};
}

// A history in batches, with a redaction now and then.
void fill(Store& store, const std::string& id, Random& random, bool backwards) {
  REQUIRE(store.create_session({.id = id}));
  std::int64_t second = 0;
  const std::uint64_t writes = 40 + below(random, 60);
  std::uint64_t events = 0;
  for (std::uint64_t i = 0; i < writes; ++i) {
    std::vector<Draft> drafts(1 + below(random, 7));
    for (Draft& draft : drafts) draft = random_draft(random, second, backwards);
    REQUIRE(store.append(id, drafts));
    events += drafts.size();
    if (below(random, 50) == 0) {
      if (store.redact(id, 1 + below(random, events), "a test")) ++events;
    }
  }
}

Point random_point(Random& random, std::uint64_t events) {
  const auto second = static_cast<std::int64_t>(below(random, events + 20)) - 10;
  const Timestamp at{at_second(second).seconds, below(random, 3) == 0 ? 1 : 0};
  switch (below(random, 5)) {
    case 0: return {};
    case 1: return {.sequence_number = below(random, events + 1)};
    case 2: return {.at = at};
    case 3: return {.before = at};
    default: return {.sequence_number = below(random, events + 1), .at = at};
  }
}

// The fold that no snapshot can touch.
State plain_state(const Store& store, const std::string& id, std::string_view name,
                  const Point& point) {
  const auto projection = projection_named(name, casino_ledger()).value()(id);
  auto state = store.state(id, *projection, {.filter = filter_of(point)});
  REQUIRE(state);
  return std::move(*state);
}

void check_answers(const Store& store, const std::string& id, Random& random, int questions) {
  const std::uint64_t events = store.session(id)->event_count;
  for (int i = 0; i < questions; ++i) {
    const auto kinds = projection_kinds();
    const std::string_view name = kinds[below(random, kinds.size())].name;
    const Point point = random_point(random, events);
    const State expected = plain_state(store, id, name, point);
    const auto state = store.state(id, projection_named(name, casino_ledger()).value(), point);
    CAPTURE(name);
    CAPTURE(point.sequence_number.value_or(0));
    CAPTURE(point.at.value_or(Timestamp{}).seconds);
    CAPTURE(point.before.value_or(Timestamp{}).seconds);
    REQUIRE(state);
    REQUIRE(state->json == expected.json);
    REQUIRE(state->last_sequence_number == expected.last_sequence_number);
    REQUIRE(state->notes.size() == expected.notes.size());
  }
}

std::vector<fs::path> snapshot_files(const fs::path& data, std::string_view id) {
  std::vector<fs::path> files;
  if (fs::exists(data / "snapshots" / (std::string{id} + ".json")))
    files.push_back(data / "snapshots" / (std::string{id} + ".json"));
  if (!fs::exists(data / "folds" / id)) return files;
  for (const auto& entry : fs::recursive_directory_iterator{data / "folds" / id})
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

// Deletes, alters, ages or swaps a snapshot.
void tamper(const fs::path& data, Random& random) {
  const auto files = snapshot_files(data, "s");
  const auto others = snapshot_files(data, "t");
  if (files.empty()) return;
  const fs::path& file = files[below(random, files.size())];
  std::string text = read_text(file);
  switch (below(random, 6)) {
    case 0: fs::remove(file); break;
    case 1: write_text(file, text.substr(0, below(random, text.size()))); break;
    case 2:
      if (!text.empty())
        text[below(random, text.size())] ^= static_cast<char>(1 + below(random, 255));
      write_text(file, text);
      break;
    case 3:  // an old one in place of a newer one, or one of another projection
      write_text(file, read_text(files[below(random, files.size())]));
      break;
    case 4:  // of another session
      if (!others.empty()) write_text(file, read_text(others[below(random, others.size())]));
      break;
    default: write_text(file, "{}"); break;
  }
}

}  // namespace

TEST_SUITE_BEGIN("kept snapshots");

TEST_CASE("whatever happens to snapshots, every answer is that of a plain fold") {
  const std::uint64_t seed = test::seed();
  MESSAGE("seed " << seed);
  Random random{seed};
  for (int history = 0; history < 8; ++history) {
    CAPTURE(history);
    const TempFolder folder;
    const fs::path data = folder / "data";
    const StoreOptions options{.snapshot_interval = 1 + below(random, 9),
                               .default_ledger = casino_ledger()};
    auto store = Store::open(data, options);
    REQUIRE(store);
    fill(*store, "s", random, history % 2 == 0);
    fill(*store, "t", random, history % 3 == 0);
    CHECK(store->verify("s", {.snapshots = true})->finding_count == 0);
    check_answers(*store, "s", random, 60);
    for (int round = 0; round < 12; ++round) {
      for (int i = 0; i < 3; ++i) tamper(data, random);
      check_answers(*store, "s", random, 12);
      std::int64_t second = 500;
      if (round % 4 == 3) {  // A writer goes on among what it finds.
        REQUIRE(store->append("s", random_draft(random, second, true)));
        check_answers(*store, "s", random, 6);
      }
    }
    // What was cut: snapshots are ahead of the log.
    const std::string log = read_text(data / "events/s.jsonl");
    write_text(data / "events/s.jsonl", log.substr(0, log.find('\n', log.size() / 2) + 1));
    const auto cut = Store::open(data, {.create = false});
    const std::uint64_t events = cut->session("s")->event_count;
    if (cut->verify("s")->verdict == Verdict::clean && events > 0)
      check_answers(*cut, "s", random, 30);
  }
}

TEST_CASE("in memory, too") {
  const std::uint64_t seed = test::seed();
  MESSAGE("seed " << seed);
  Random random{seed};
  for (int history = 0; history < 4; ++history) {
    Store store = Store::in_memory(
        {.snapshot_interval = 1 + below(random, 9), .default_ledger = casino_ledger()});
    fill(store, "s", random, history % 2 == 0);
    check_answers(store, "s", random, 60);
    CHECK(store.verify("s", {.snapshots = true})->finding_count == 0);
  }
}

// A state of some bytes, and an event at which the log is redacted, once.
class Interrupted : public Projection {
 public:
  Interrupted(Backend& backend, bool& done) : backend_(backend), done_(done) {}
  std::string_view name() const override { return "interrupted"; }
  int version() const override { return 1; }
  Result<void> apply(const EventView& event) override {
    ++events_;
    if (event.sequence_number == 5 && !std::exchange(done_, true))
      REQUIRE(backend_.redact("s", std::array<std::uint64_t, 1>{3}, "a test", "a test"));
    return {};
  }
  std::string to_json() const override { return std::to_string(events_); }
  Result<void> from_json(std::string_view) override { return {}; }

 private:
  Backend& backend_;
  bool& done_;
  int events_ = 0;
};

void check_interrupted(Backend& backend) {
  REQUIRE(backend.create(
      {.id = "s", .name = {}, .labels = {}, .created_at = zero_time, .updated_at = zero_time}));
  for (int i = 0; i < 20; ++i) {
    const auto draft = log::check_draft({.type = "custom", .payload = R"("secret")"});
    REQUIRE(draft);
    REQUIRE(backend.append("s", {&*draft, 1}, {}));
  }
  bool done = false;
  const ProjectionFactory projections[] = {
      [&](std::string_view) { return std::make_unique<Interrupted>(backend, done); },
      make_session_projection, projection_named("status", casino_ledger()).value()};
  REQUIRE(save_snapshots(backend, "s", projections, {.interval = 5, .created_at = zero_time}));
  CHECK(done);
  for (const char* const name : {"interrupted", "session", "status"})
    CHECK(backend.snapshots("s", name)->empty());
}

TEST_CASE("a fold that a redaction overtook leaves nothing, whenever it saves") {
  check_interrupted(*make_memory_backend());
  const TempFolder folder;
  check_interrupted(**open_file_backend(folder / "data", {}));
}

TEST_CASE("about 128 snapshots remain, evenly spaced, and the newest") {
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t number = 10; number <= 100'000; number += 10) {
    numbers.push_back(number);
    for (const std::uint64_t gone : outdated_snapshots(numbers, 10)) std::erase(numbers, gone);
    REQUIRE(numbers.size() <= 130);
    REQUIRE(numbers.back() == number);
  }
  REQUIRE(numbers.size() >= 64);
  for (std::size_t i = 1; i < numbers.size(); ++i) CHECK(numbers[i] - numbers[i - 1] <= 2 * 1280);
  CHECK(outdated_snapshots({}, 10).empty());
  // Where writes jump, too.
  numbers = {1, 2, 3, 5'000, 5'001, 100'000};
  CHECK(outdated_snapshots(numbers, 1) == std::vector<std::uint64_t>{2, 3, 5'001});
}

TEST_CASE("a fold to a point begins at a kept snapshot, and stops behind it") {
  const TempFolder folder;
  auto store =
      Store::open(folder / "data", {.snapshot_interval = 10, .default_ledger = casino_ledger()});
  REQUIRE(store);
  REQUIRE(store->create_session({.id = "s"}));
  for (int i = 1; i <= 200; ++i) {
    REQUIRE(store->append(
        "s", {.type = "BetWon", .payload = R"({"amount":1})", .timestamp = at_second(i)}));
  }
  const auto make = projection_named("balance", casino_ledger()).value();
  const auto folded = store->fold("s", make, {.at = at_second(57)});
  REQUIRE(folded);
  CHECK(folded->projection->to_json() == R"({"balance":57,"by_asset":{"PFLEA":57}})");
  CHECK(folded->last_sequence_number == 57);
  CHECK(store->fold("s", make, {.before = at_second(57)})->last_sequence_number == 56);
  CHECK(store->fold("s", make, {.sequence_number = 57})->last_sequence_number == 57);
  // An event behind the newest snapshot that lies before the instant counts, too.
  REQUIRE(store->append(
      "s", {.type = "BetWon", .payload = R"({"amount":1000})", .timestamp = at_second(3)}));
  const auto late = store->state("s", make, {.at = at_second(57)});
  CHECK(late->json == R"({"balance":1057,"by_asset":{"PFLEA":1057}})");
  CHECK(late->last_sequence_number == 201);
}

TEST_CASE("what noticed something has no snapshot, and is folded anew each time") {
  const TempFolder folder;
  auto store =
      Store::open(folder / "data", {.snapshot_interval = 5, .default_ledger = casino_ledger()});
  REQUIRE(store->create_session({.id = "s"}));
  for (int i = 0; i < 12; ++i) REQUIRE(store->append("s", {.type = "BetWon", .payload = "{}"}));
  CHECK_FALSE(fs::exists(folder / "data/folds/s/balance"));
  CHECK(fs::exists(keyed(folder / "data/folds/s/summary/10.json")));
  const auto state = store->state("s", projection_named("balance", casino_ledger()).value(), {});
  CHECK(state->notes.size() == 12);
}

TEST_CASE("of states of no events the newest alone is kept") {
  const TempFolder folder;
  auto store =
      Store::open(folder / "data", {.snapshot_interval = 5, .default_ledger = casino_ledger()});
  REQUIRE(store->create_session({.id = "s"}));
  for (int i = 0; i < 22; ++i) REQUIRE(store->append("s", {.type = "user_message"}));
  const auto names = [&](const char* projection) {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator{folder / "data/folds/s" / projection})
      found.push_back(
          entry.path().filename().string().substr(0, entry.path().filename().string().find('.')));
    std::ranges::sort(found);
    return found;
  };
  CHECK(names("balance") == std::vector<std::string>{"20"});
  CHECK(names("status") == std::vector<std::string>{"10", "15", "20", "5"});
}

TEST_CASE("a session that was taken over has snapshots all along") {
  const TempFolder folder;
  std::vector<std::string> lines;
  {
    auto from =
        Store::open(folder / "from", {.snapshot_interval = 0, .default_ledger = casino_ledger()});
    REQUIRE(from->create_session({.id = "s"}));
    for (int i = 0; i < 12; ++i) {
      std::vector<Draft> drafts(1000, {.type = "BetWon", .payload = R"({"amount":1})"});
      REQUIRE(from->append("s", drafts));
    }
    for (const auto& event : test::read_events(*from, "s").events) lines.push_back(event.line);
  }
  auto into =
      Store::open(folder / "into", {.snapshot_interval = 1000, .default_ledger = casino_ledger()});
  std::size_t next = 0;
  REQUIRE(into->import_session(
      {.id = "s", .name = {}, .labels = {}, .created_at = {}, .updated_at = {}},
      [&]() -> Result<std::optional<std::string_view>> {
        if (next == lines.size()) return std::nullopt;
        return lines[next++];
      }));
  CHECK(snapshot_files(folder / "into", "s").size() > 10);
  CHECK(into->verify("s", {.snapshots = true})->finding_count == 0);
}

TEST_CASE("verify finds a snapshot of any projection that is not what the log says") {
  const TempFolder folder;
  const fs::path data = folder / "data";
  auto store = Store::open(data, {.snapshot_interval = 5, .default_ledger = casino_ledger()});
  REQUIRE(store->create_session({.id = "s"}));
  for (int i = 0; i < 12; ++i) {
    REQUIRE(store->append("s", {.type = "BetWon", .payload = R"({"amount":1})"}));
  }
  const auto finding = [&] {
    const auto verified = store->verify("s", {.snapshots = true});
    REQUIRE(verified->finding_count == 1);
    CHECK(verified->findings[0].kind == FindingKind::snapshot);
    return verified->findings[0].message;
  };
  const fs::path path = keyed(data / "folds/s/balance/5.json");
  const std::string good = read_text(path);
  SUBCASE("altered") {
    std::string bad = good;
    bad[bad.find("\"balance\":5") + 10] = '6';
    write_text(path, bad);
    CHECK(
        finding() ==
        "the snapshot of balance was altered or forged: it bears our key's name, and a wrong MAC");
  }
  SUBCASE("of another event") {
    write_text(path, read_text(keyed(data / "folds/s/balance/10.json")));
    CHECK(finding() == "the snapshot of balance names another event than its file does");
  }
  SUBCASE("of another history of that length") {
    const TempFolder elsewhere;
    auto other = Store::open(elsewhere / "data",
                             {.snapshot_interval = 5, .default_ledger = casino_ledger()});
    REQUIRE(other->create_session({.id = "s"}));
    for (int i = 0; i < 5; ++i) {
      REQUIRE(other->append("s", {.type = "BetWon", .payload = R"({"amount":2})"}));
    }
    write_text(path, read_text(keyed(elsewhere / "data/folds/s/balance/5.json")));
    CHECK(finding() == "the snapshot of balance names another event than the log has at #5");
  }
  SUBCASE("no JSON") {
    write_text(path, "{");
    CHECK(finding() == "the snapshot of balance is not JSON");
  }
}

TEST_SUITE_END();

}  // namespace agentstore
