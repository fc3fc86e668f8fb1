// Cached aggregates of logs: which of them count, and which are never written.

#include "backends/cached_aggregate_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/fault_system.hpp"
#include "support/folder.hpp"
#include "support/ticking_system.hpp"

namespace agentstore {
namespace {

using test::FaultSystem;
using test::read_text;
using test::second;
using test::TempFolder;
using test::TickingSystem;
using test::write_text;

namespace fs = std::filesystem;

// A store with the log of a session, which was written an hour ago.
template <class Disk>
struct Place {
  TempFolder folder;
  Disk system;
  fs::path data = folder / "data";
  fs::path log = data / "events/s.jsonl";
  const CacheKey key{"a key of this test"};
  fs::path cached_aggregate = data / "cache/stats" / named("s");

  Place() {
    fs::create_directories(data / "events");
    fs::permissions(data, fs::perms::owner_all);
    write_text(data / "agentstore.json", "{\"format\":1}\n");
    change("a log");
  }
  void change(const std::string& text) {
    write_text(log, text);
    if constexpr (std::is_same_v<Disk, TickingSystem>) {
      system.touched(log);
      system.now_ns += 3600 * second;
    }
  }
  CachedAggregateFile file(std::string_view id = "s", std::string_view version = "1") {
    opened.emplace(*DataFolder::open(system, data, false));
    return {*opened, key, id, "stats", version, *swept};
  }
  std::string named(const std::string& id) const { return id + "." + key.id(); }
  std::optional<std::string> loaded() { return file().load(); }

  std::optional<DataFolder> opened;
  std::unique_ptr<std::once_flag> swept = std::make_unique<std::once_flag>();
};

}  // namespace

TEST_SUITE_BEGIN("cached aggregate file");

TEST_CASE("a cached aggregate counts as long as its log is as it was") {
  Place<TickingSystem> place;
  CHECK_FALSE(place.loaded());
  place.file().save("what it came to");
  CHECK(place.loaded() == "what it came to");
  CHECK(place.file("s", "2").load() == std::nullopt);
  struct stat status{};
  REQUIRE(::lstat(place.cached_aggregate.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600);
  SUBCASE("of the same size and time of modification") {
    struct stat before{};
    REQUIRE(place.system.lstat(place.log.c_str(), before) == 0);
    write_text(place.log, "a lot");
    place.system.touched(place.log, before.st_mtim.tv_sec * second);
  }
  SUBCASE("replaced by one of the same size and times") {
    write_text(place.folder / "other", "a lot");
    struct stat before{};
    REQUIRE(place.system.lstat(place.log.c_str(), before) == 0);
    place.system.now_ns = before.st_ctim.tv_sec * second + before.st_ctim.tv_nsec;
    place.system.touched(place.folder / "other");
    fs::rename(place.folder / "other", place.log);
  }
  SUBCASE("grown") {
    place.change("a log that grew");
  }
  SUBCASE("deleted") {
    fs::remove(place.log);
  }
  CHECK_FALSE(place.loaded());
}

TEST_CASE("a cached aggregate with a byte less, more or other is none") {
  Place<TickingSystem> place;
  place.file().save("what it came to");
  const std::string good = read_text(place.cached_aggregate);
  const auto counts = [&](const std::string& bytes) {
    write_text(place.cached_aggregate, bytes);
    return place.loaded().has_value();
  };
  REQUIRE(counts(good));
  for (std::size_t size = 0; size < good.size(); ++size) CHECK_FALSE(counts(good.substr(0, size)));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    CAPTURE(bit);
    std::string bytes = good;
    bytes[bit / 8] ^= static_cast<char>(1U << (bit % 8));
    CHECK_FALSE(counts(bytes));
    CHECK(place.file().fault());
  }
  CHECK_FALSE(counts(good + '\0'));
  // Of another version of the program: of no use, and nobody's fault.
  REQUIRE(counts(good));
  CHECK_FALSE(place.file("s", "2").load());
  CHECK_FALSE(place.file("s", "2").fault());
  fs::remove(place.cached_aggregate);
  fs::create_directory(place.cached_aggregate);
  CHECK_FALSE(place.loaded());
}

TEST_CASE("another session's cached aggregate does not count, even of the same file") {
  Place<TickingSystem> place;
  place.file().save("what it came to");
  fs::create_hard_link(place.log, place.data / "events/t.jsonl");
  fs::copy_file(place.cached_aggregate, place.data / "cache/stats" / place.named("t"));
  CHECK(place.loaded());
  CHECK_FALSE(place.file("t").load());
}

TEST_CASE("of a log that may have changed unseen, nothing is written") {
  Place<TickingSystem> place;
  SUBCASE("a moment ago") {
    place.system.touched(place.log);
    place.file().save("what it came to");
  }
  SUBCASE("while it was read") {
    const CachedAggregateFile file = place.file();
    place.change("it has grown meanwhile");
    file.save("what it came to");
  }
  SUBCASE("by a clock that is ahead") {
    place.system.now_ns -= 7200 * second;
    place.file().save("what it came to");
  }
  SUBCASE("on a file system that keeps no times") {
    place.system.be_coarse();
    place.system.now_ns = 0;
    place.change("a log");
    place.file().save("what it came to");
  }
  SUBCASE("on a file system that rounds its times") {
    place.system.be_coarse();
    place.change("a log");
    place.file().save("what it came to");
  }
  CHECK(fs::is_empty(place.cached_aggregate.parent_path()));
}

TEST_CASE("a cached aggregate that cannot be written is not, and nobody is told") {
  Place<TickingSystem> place;
  SUBCASE("in a folder of the Go library") {
    fs::remove(place.data / "agentstore.json");
    place.file().save("what it came to");
    CHECK_FALSE(fs::exists(place.data / "cache"));
  }
  SUBCASE("behind a link in the place of the cache") {
    fs::create_directories(place.folder / "elsewhere/stats");
    fs::create_directory_symlink(place.folder / "elsewhere", place.data / "cache");
    place.file().save("what it came to");
    CHECK(fs::is_empty(place.folder / "elsewhere/stats"));
  }
  SUBCASE("behind a link in the place of its folder") {
    fs::create_directories(place.folder / "elsewhere");
    fs::create_directory(place.data / "cache");
    fs::create_directory_symlink(place.folder / "elsewhere", place.data / "cache/stats");
    place.file().save("what it came to");
    CHECK(fs::is_empty(place.folder / "elsewhere"));
  }
  SUBCASE("too long to be of use") {
    place.file().save(std::string(2'000'000, 'x'));
    CHECK_FALSE(fs::exists(place.cached_aggregate));
  }
}

TEST_CASE("a link in a cached aggregate's place is replaced, not followed") {
  Place<TickingSystem> place;
  fs::create_directories(place.cached_aggregate.parent_path());
  write_text(place.folder / "elsewhere", "mine");
  fs::create_symlink(place.folder / "elsewhere", place.cached_aggregate);
  CHECK_FALSE(place.loaded());
  place.file().save("what it came to");
  CHECK(read_text(place.folder / "elsewhere") == "mine");
  CHECK(place.loaded() == "what it came to");
}

// The real file system, in which all but the new file is old.
class AgedSystem : public FaultSystem {
 public:
  int lstat_at(int folder, const char* name, struct stat& into) override {
    const int result = FaultSystem::lstat_at(folder, name, into);
    into.st_ctim.tv_sec -= 3600;
    return result;
  }
};

TEST_CASE(
    "whatever fails on the way, the old cached aggregate or the new one stands, and nothing else") {
  for (int call = 1;; ++call) {
    CAPTURE(call);
    Place<AgedSystem> place;
    place.file().save("the old one");
    REQUIRE(place.loaded() == "the old one");
    const CachedAggregateFile file = place.file();
    place.system.fail_at(call, ENOSPC, 10);
    file.save("the new one");
    const bool fired = place.system.fired();
    place.system.fail_at(0, 0);
    const auto loaded = place.loaded();
    CHECK((loaded == "the old one" || loaded == "the new one"));
    const bool left_behind = place.system.fired_call() == "unlink";
    if (!left_behind)
      CHECK(std::distance(fs::directory_iterator{place.cached_aggregate.parent_path()}, {}) == 1);
    if (!fired) {
      CHECK(loaded == "the new one");
      break;
    }
  }
}

TEST_CASE(
    "cached aggregates of sessions that are gone are removed, and nothing that is no cached "
    "aggregate") {
  Place<TickingSystem> place;
  place.file().save("what it came to");
  const fs::path cached_aggregates = place.cached_aggregate.parent_path();
  const fs::path gone = cached_aggregates / place.named("gone");
  fs::rename(place.cached_aggregate, gone);
  fs::copy_file(gone, cached_aggregates / ".s.half.tmp");
  write_text(cached_aggregates / ".s.begun.tmp", "");
  write_text(cached_aggregates / ".s.header.tmp", read_text(gone).substr(0, 30));
  write_text(cached_aggregates / ".mine.tmp", "mine");
  write_text(cached_aggregates / "empty", "");
  write_text(cached_aggregates / "notes.txt",
             "mine, and long enough to be looked at as if it were a memo");
  place.swept = std::make_unique<std::once_flag>();
  place.file().save("what it came to");
  CHECK_FALSE(fs::exists(gone));
  for (const char* const half : {".s.half.tmp", ".s.begun.tmp", ".s.header.tmp"})
    CHECK_FALSE(fs::exists(cached_aggregates / half));
  CHECK(fs::exists(cached_aggregates / ".mine.tmp"));
  CHECK(fs::exists(cached_aggregates / "empty"));
  CHECK(fs::exists(cached_aggregates / "notes.txt"));
  CHECK(place.loaded());
}

TEST_CASE("forgetting a session deletes its cached aggregates alone") {
  Place<TickingSystem> place;
  place.file().save("what it came to");
  fs::copy_file(place.cached_aggregate, place.data / "cache/stats" / place.named("t"));
  write_text(place.data / "cache/sessions", "a list");
  // By another key, and by a version that had none.
  for (const char* const other : {"s.0123456789abcdef", "s"})
    fs::copy_file(place.cached_aggregate, place.data / "cache/stats" / other);
  REQUIRE(forget_cached_aggregates(*place.opened, "s"));
  CHECK_FALSE(fs::exists(place.cached_aggregate));
  CHECK_FALSE(fs::exists(place.data / "cache/stats/s.0123456789abcdef"));
  CHECK_FALSE(fs::exists(place.data / "cache/stats/s"));
  CHECK(fs::exists(place.data / "cache/stats" / place.named("t")));
  CHECK(fs::exists(place.data / "cache/sessions"));
  fs::remove_all(place.data / "cache");
  CHECK(forget_cached_aggregates(*place.opened, "s"));
}

TEST_SUITE_END();

}  // namespace agentstore
