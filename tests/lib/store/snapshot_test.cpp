// Snapshots change how fast an answer comes, never the answer.

#include <doctest/doctest.h>

#include "agentstore/json.hpp"
#include "support/events.hpp"
#include "support/lines.hpp"

namespace agentstore {
namespace {

using test::read_text;
using test::TempFolder;
using test::write_text;
namespace fs = std::filesystem;

// Counts what it is given, so that a test can see where a fold began.
class Counting : public Projection {
 public:
  explicit Counting(int* applied) : applied_(applied) {}
  std::string_view name() const override { return "counting"; }
  int version() const override { return version_number; }
  Result<void> apply(const EventView&) override {
    ++*applied_;
    ++count_;
    return {};
  }
  std::string to_json() const override { return R"({"count":)" + std::to_string(count_) + "}"; }
  Result<void> from_json(std::string_view json) override {
    const auto count = json::find_integer(json, "count");
    if (!count) return fail(Code::corrupt, "no count");
    count_ = *count;
    return {};
  }
  static inline int version_number = 1;

 private:
  int* applied_;
  std::int64_t count_ = 0;
};

std::string plain_state(const fs::path& data) {
  // Of a copy without snapshots.
  const TempFolder copy;
  test::copy_folder(data, copy / "data");
  fs::remove_all(copy / "data/snapshots");
  fs::remove_all(copy / "data/folds");
  return Store::open(copy / "data").value().state("s").value().json;
}

}  // namespace

TEST_SUITE_BEGIN("snapshots");

TEST_CASE("a snapshot never changes an answer, whichever interval made it") {
  for (const std::uint64_t interval : {0, 1, 3, 7, 1000}) {
    CAPTURE(interval);
    const TempFolder folder;
    auto store = Store::open(folder / "data", {.snapshot_interval = interval});
    REQUIRE(store);
    REQUIRE(store->create_session({.id = "s"}));
    for (int i = 0; i < 20; ++i) {
      REQUIRE(store->append("s", {.type = i % 3 == 0 ? "llm_response" : "tool_called",
                                  .payload = std::to_string(i),
                                  .metadata = R"({"cost_usd":0.1,"tokens_in":1})",
                                  .timestamp = test::at_second(i * 7 % 20)}));
      if (i % 5 == 0) CHECK(store->state("s")->json == plain_state(folder / "data"));
    }
    CHECK(store->state("s")->json == plain_state(folder / "data"));
    CHECK(store->state("s")->last_sequence_number == 20);
    CHECK(fs::exists(folder / "data/snapshots/s.json") == (interval != 0 && interval <= 20));
  }
}

TEST_CASE("a fold begins at the snapshot, in files and in memory") {
  int applied = 0;
  const StoreOptions options{.snapshot_interval = 10, .projection = [&](std::string_view) {
                               return std::make_unique<Counting>(&applied);
                             }};
  test::with_each_backend(options, [&](Store& store) {
    Counting::version_number = 1;
    REQUIRE(store.create_session({.id = "s"}));
    for (int i = 0; i < 25; ++i) REQUIRE(store.append("s", {.type = "x"}));
    applied = 0;
    CHECK(store.state("s")->json == R"({"count":25})");
    CHECK(applied == 5);
    CHECK(store.state("s")->projection == "counting");
    // Another version of the projection begins anew.
    Counting::version_number = 2;
    applied = 0;
    CHECK(store.state("s")->json == R"({"count":25})");
    CHECK(applied == 25);
    Counting::version_number = 1;
  });
}

TEST_CASE("a batch that jumps over the interval makes one snapshot") {
  const TempFolder folder;
  auto store = Store::open(folder / "data", {.snapshot_interval = 10});
  REQUIRE(store);
  REQUIRE(store->create_session({.id = "s"}));
  const std::vector<Draft> drafts(35, Draft{.type = "x"});
  REQUIRE(store->append("s", drafts));
  const std::string snapshot = read_text(folder / "data/snapshots/s.json");
  CHECK(json::find_integer(snapshot, "version") == 35);
  CHECK(json::find_integer(snapshot, "event_count") == 35);
  CHECK(json::find_text(snapshot, "log_head") == store->verify("s")->head);
  CHECK(json::find_text(snapshot, "session_id") == "s");
}

TEST_CASE("a snapshot that was changed, is foreign, or is ahead of the log is ignored") {
  const TempFolder folder;
  const fs::path data = folder / "data";
  std::string before_text;
  {
    auto store = Store::open(data, {.snapshot_interval = 5});
    REQUIRE(store);
    for (const char* const id : {"s", "other"}) {
      REQUIRE(store->create_session({.id = id}));
      for (int i = 0; i < 12; ++i) {
        REQUIRE(store->append(id, {.type = "x", .payload = json::quote(id)}));
      }
    }
  }
  const fs::path path = test::keyed(data / "folds/s/session/10.json");
  const std::string good = read_text(path);
  const std::string expected = plain_state(data);
  CHECK(Store::open(data).value().state("s")->json == expected);

  SUBCASE("any byte of it changed") {
    for (std::size_t at = 0; at < good.size(); at += 3) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ 1);
      write_text(path, bad);
      const auto state = Store::open(data).value().state("s");
      CAPTURE(at);
      REQUIRE(state);
      REQUIRE(state->json == expected);
    }
  }
  SUBCASE("cut, empty, not JSON, or the Go library's") {
    for (const std::string& bad :
         {good.substr(0, good.size() / 2), std::string{}, std::string{"[]"}, std::string{"\0", 1},
          std::string{R"({"session_id":"s","version":99,"state":{"version":99}})"}}) {
      write_text(path, bad);
      CHECK(Store::open(data).value().state("s")->json == expected);
    }
  }
  SUBCASE("another session's") {
    write_text(path, read_text(test::keyed(data / "folds/other/session/10.json")));
    CHECK(Store::open(data).value().state("s")->json == expected);
  }
  SUBCASE("ahead of the log, as in a copied folder: it is told") {
    const std::string log = read_text(data / "events/s.jsonl");
    const auto lines = test::lines_of(log);
    write_text(data / "events/s.jsonl", lines[0] + lines[1]);
    write_text(data / "sessions/s.json", R"({"id":"s","created_at":"2026-03-01T00:00:00Z"})");
    std::vector<std::string> notices;
    const auto store =
        Store::open(data, {.on_notice = [&](const std::string& text) { notices.push_back(text); }});
    const auto state = store->state("s");
    REQUIRE(state);
    CHECK(state->last_sequence_number == 2);
    CHECK(state->json == plain_state(data));
    REQUIRE(notices.size() == 1);
    CHECK(notices[0].find("ahead of the log") != std::string::npos);
  }
  SUBCASE("of another history of the same length") {
    const TempFolder elsewhere;
    {
      auto store = Store::open(elsewhere / "data", {.snapshot_interval = 5});
      REQUIRE(store->create_session({.id = "s"}));
      for (int i = 0; i < 12; ++i) {
        REQUIRE(store->append("s", {.type = "x", .payload = R"("t")"}));
      }
    }
    write_text(path, read_text(test::keyed(elsewhere / "data/folds/s/session/10.json")));
    CHECK(Store::open(data).value().state("s")->json == expected);
  }
}

TEST_CASE("a snapshot that cannot be written fails no append, and is told") {
  const TempFolder folder;
  const fs::path data = folder / "data";
  std::vector<std::string> notices;
  auto store =
      Store::open(data, {.snapshot_interval = 2,
                         .on_notice = [&](const std::string& text) { notices.push_back(text); }});
  REQUIRE(store);
  REQUIRE(store->create_session({.id = "s"}));
  REQUIRE(store->append("s", {.type = "x"}));
  fs::remove(data / "snapshots");
  write_text(data / "snapshots", "in the way");
  CHECK(store->append("s", {.type = "x"})->sequence_number == 2);
  REQUIRE_FALSE(notices.empty());
  CHECK(notices[0].find("no snapshot was saved") != std::string::npos);
  CHECK(store->append("s", {.type = "x"})->sequence_number == 3);
  CHECK(store->state("s")->last_sequence_number == 3);
}

TEST_CASE("nothing is saved inside an unsealed prefix, and nothing there is trusted") {
  const TempFolder folder;
  const fs::path data = folder / "data";
  for (const char* const part : {"sessions", "events", "snapshots"})
    fs::create_directories(data / part);
  test::LogBuilder log;
  for (int i = 0; i < 5; ++i) log.go_line();
  write_text(data / "events/s.jsonl", log.text());
  const std::string forged =
      R"({"session_id":"s","version":5,"state":{"session_id":"s","version":5,"data":{},)"
      R"("last_event_at":"2026-03-07T12:00:00Z","event_count":5,)"
      R"("tokens":{"in":99,"out":0,"cost_usd":0},"tool_calls":0,"errors":0},)"
      R"("created_at":"2026-03-07T12:00:00Z","event_count":5})";
  write_text(data / "snapshots/s.json", forged);
  const auto store = Store::open(data, {.snapshot_interval = 1});
  CHECK(store->state("s")->json.find("99") == std::string::npos);
  CHECK(read_text(data / "snapshots/s.json") == forged);
}

TEST_SUITE_END();

}  // namespace agentstore
