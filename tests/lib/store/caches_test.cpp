// Caches and the keys that they are signed with.

#include <doctest/doctest.h>

#include "agentstore/json.hpp"
#include "backends/check_list.hpp"
#include "backends/session_cache.hpp"
#include "base/cache_key.hpp"
#include "support/events.hpp"
#include "support/folder.hpp"

namespace agentstore {
namespace {

namespace fs = std::filesystem;
using test::keyed;
using test::read_text;
using test::TempFolder;
using test::write_text;

Store open_with(const fs::path& data, const std::string& key) {
  return Store::open(data,
                     {.snapshot_interval = 5, .default_ledger = casino_ledger(), .cache_key = key})
      .value();
}

void fill(Store& store, int events) {
  REQUIRE(store.create_session({.id = "s"}));
  for (int i = 0; i < events; ++i)
    REQUIRE(store.append("s", {.type = "BetWon", .payload = R"({"amount":1})"}));
}

// A snapshot with another state, signed anew.
std::string signed_anew(std::string text, std::string_view old, std::string_view other,
                        const CacheKey& key) {
  text.replace(text.find(old), old.size(), other);
  std::string body = text.substr(0, text.find(R"(,"snapshot_hash":")"));
  body += R"(,"snapshot_hash":")" + to_hex(bytes_of(sha256({body}))) + '"';
  return body + R"(,"mac":")" + to_hex(bytes_of(key.mac("s", "snapshot", {body}))) + "\"}";
}

// The real file system, in which what is asked for by name is old.
class AgedSystem : public System {
 public:
  int lstat_at(int folder, const char* name, struct stat& into) override {
    const int result = System::lstat_at(folder, name, into);
    into.st_ctim.tv_sec -= 3600;
    return result;
  }
};

}  // namespace

TEST_SUITE_BEGIN("caches");

TEST_CASE("a snapshot that was signed with our key, and lies, is found by verify") {
  const TempFolder folder;
  const fs::path data = folder / "data";
  Store store = open_with(data, "ours");
  fill(store, 12);
  CHECK(store.verify("s", {.snapshots = true})->finding_count == 0);
  const fs::path path = keyed(data / "folds/s/balance/5.json");
  write_text(path,
             signed_anew(read_text(path), R"("balance":5)", R"("balance":6)", CacheKey{"ours"}));
  const auto verified = store.verify("s", {.snapshots = true});
  REQUIRE(verified->finding_count == 1);
  CHECK(verified->findings[0].message.find("another state") != std::string::npos);
  CHECK(verified->findings[0].sequence_number == 5);
}

TEST_CASE("a snapshot of which the seals were not checked is not started at") {
  const TempFolder folder;
  const fs::path data = folder / "data";
  Store store = open_with(data, "ours");
  fill(store, 12);
  const auto make = projection_named("balance", casino_ledger()).value();
  for (const char* const number : {"5", "10"}) {
    const fs::path path = keyed(data / "folds/s/balance" / (std::string{number} + ".json"));
    const std::string lie = signed_anew(read_text(path), R"("by_asset":{"PFLEA":)",
                                        R"("by_asset":{"PFLEA":9)", CacheKey{"ours"});
    write_text(path, signed_anew(lie, R"("seals_checked":true)", R"("seals_checked":false)",
                                 CacheKey{"ours"}));
  }
  CHECK(store.state("s", make, {})->json == R"({"balance":12,"by_asset":{"PFLEA":12}})");
}

TEST_CASE("users with keys of their own leave each other's caches alone") {
  const TempFolder folder;
  const fs::path data = folder / "data";
  {
    Store store = open_with(data, "one");
    fill(store, 12);
  }
  const auto make = projection_named("balance", casino_ledger()).value();
  const auto files = [&] {
    return std::distance(fs::directory_iterator{data / "folds/s/balance"}, {});
  };
  const auto before = files();
  {
    Store other = open_with(data, "two");
    CHECK(other.state("s", make, {})->last_sequence_number == 12);
    const auto verified = other.verify("s", {.snapshots = true});
    CHECK(verified->finding_count == 0);
    CHECK_FALSE(verified->notes.empty());
  }
  CHECK(files() == before + 1);
  CHECK(open_with(data, "one").verify("s", {.snapshots = true})->finding_count == 0);
  CHECK(files() == before + 1);
  REQUIRE(open_with(data, "two").redact("s", 3, "a test"));
  CHECK(files() == 0);
}

TEST_CASE("without a key nothing is cached") {
  const TempFolder folder;
  const fs::path data = folder / "data";
  Store store = open_with(data, "");
  fill(store, 12);
  CHECK(store.state("s")->last_sequence_number == 12);
  CHECK(store.verify("s", {.snapshots = true})->finding_count == 0);
  CHECK_FALSE(fs::exists(data / "folds"));
  CHECK(fs::is_empty(data / "snapshots"));
}

TEST_CASE("an amount that was edited after it was sealed is in no fold") {
  const TempFolder folder;
  const fs::path data = folder / "data";
  {
    Store store =
        Store::open(data, {.snapshot_interval = 0, .default_ledger = casino_ledger()}).value();
    fill(store, 12);
  }
  std::string log = read_text(data / "events/s.jsonl");
  log.replace(log.find(R"("amount":1)"), 10, R"("amount":7)");
  write_text(data / "events/s.jsonl", log);
  const Store store = Store::open(data, {.default_ledger = casino_ledger()}).value();
  CHECK(store.state("s", projection_named("balance", casino_ledger()).value(), {}).error().code ==
        Code::corrupt);
  CHECK((*store.read("s"))->next().error().code == Code::corrupt);
  CHECK(store.fold_to_decide("s", projection_named("pnl", casino_ledger()).value()).error().code ==
        Code::corrupt);
}

TEST_CASE("a list that was signed with our key, and lies, is found") {
  const TempFolder folder;
  const fs::path data = folder / "data";
  {
    Store store = open_with(data, "ours");
    fill(store, 3);
  }
  AgedSystem system;
  const auto opened = DataFolder::open(system, data, false);
  REQUIRE(opened);
  const CacheKey key{"ours"};
  struct stat status{};
  REQUIRE(system.lstat(opened->session_file("s").c_str(), status) == 0);
  auto session = Store::open(data)->session("s", false);
  REQUIRE(session);
  const auto list = [&] {
    SessionCache cache;
    SessionRecord& record = cache.sessions.records.emplace_back();
    describe(record, view_of(*session), cache.sessions.text);
    record.file = stamp_of(status);
    fs::create_directories(data / "cache");
    REQUIRE(save_session_cache(system, data / "cache" / ("sessions." + key.id()), std::move(cache),
                               system.clock(), 0600, key));
  };
  list();
  CHECK(check_list(*opened, key).empty());
  CHECK(check_list_of(*opened, key, "s").empty());
  session->name = "another name";
  list();
  REQUIRE(check_list_of(*opened, key, "s").size() == 1);
  CHECK(check_list_of(*opened, key, "s")[0].kind == FindingKind::list);
  const fs::path path = keyed(data / "cache/sessions");
  write_text(path, read_text(path) + "x");
  REQUIRE(check_list(*opened, key).size() == 1);
  CHECK(check_list(*opened, key)[0].message.find("forged") != std::string::npos);
}

TEST_SUITE_END();

}  // namespace agentstore
