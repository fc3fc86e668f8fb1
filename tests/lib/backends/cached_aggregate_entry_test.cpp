// What is kept of logs: which of it counts, and which is never written.

#include "backends/cached_aggregate_entry.hpp"

#include <doctest/doctest.h>

#include "backends/derived_files.hpp"
#include "log/file_source.hpp"
#include "support/folder.hpp"
#include "support/ticking_system.hpp"

namespace agentstore {
namespace {

using test::second;
using test::TempFolder;
using test::TickingSystem;
using test::write_text;

namespace fs = std::filesystem;

// A store with the log of a session, which was written an hour ago.
struct Place {
  TempFolder folder;
  TickingSystem system;
  fs::path data = folder / "data";
  fs::path log = data / "events/s.jsonl";
  const CacheKey key{"a key of this test"};
  fs::path file = data / "cache" / ("aggregates." + key.id());
  std::optional<DataFolder> opened;
  std::optional<CachePack> pack;

  Place() {
    fs::create_directories(data / "events");
    fs::create_directories(data / "cache");
    fs::permissions(data, fs::perms::owner_all);
    write_text(data / "agentstore.json", "{\"format\":1}\n");
    change("a log");
  }
  void change(const std::string& text) {
    write_text(log, text);
    system.touched(log);
    system.now_ns += 3600 * second;
  }
  CachedAggregateEntry entry(std::string_view id = "s", std::string_view version = "1") {
    opened.emplace(*DataFolder::open(system, data, false));
    pack.emplace(
        system,
        CachePack::Options{.file = file, .mode = 0600, .kind = "aggregates", .bytes_max = 1U << 20},
        key);
    return {*opened, *pack, id, "stats", version};
  }
  void keep(const CachedAggregateEntry& one, const std::string& text) {
    const auto source = log::FileSource::open(system, log, {}, true);
    REQUIRE(source);
    CoveredLog covered;
    covered.end.offset_bytes = (*source)->size_bytes();
    one.save(covered, **source, text);
    pack->save([](std::string_view) { return true; });
  }
  void keep(const std::string& text) { keep(entry(), text); }
  std::optional<std::string> loaded() {
    const auto kept = entry().load();
    return kept && !kept->grown ? std::optional{kept->text} : std::nullopt;
  }
  /// Whether what was kept is taken for the beginning of the log.
  bool goes_on() {
    const auto kept = entry().load();
    const auto source = log::FileSource::open(system, log, {}, true);
    return kept && kept->grown && CachedAggregateEntry::still_begins_so(**source, kept->covered);
  }
};

}  // namespace

TEST_SUITE_BEGIN("cached aggregate entry");

TEST_CASE("what is kept counts as long as its log is as it was") {
  Place place;
  CHECK_FALSE(place.loaded());
  place.keep("what it came to");
  CHECK(place.loaded() == "what it came to");
  CHECK_FALSE(place.entry("s", "2").load());
  CHECK_FALSE(place.entry("t").load());
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
  SUBCASE("touched") {
    place.system.touched(place.log);
  }
  SUBCASE("cut") {
    place.change("a l");
  }
  SUBCASE("deleted") {
    fs::remove(place.log);
  }
  CHECK_FALSE(place.loaded());
  CHECK_FALSE(place.goes_on());
}

TEST_CASE("a log that has grown goes on where what is kept ends, if it still begins so") {
  Place place;
  const std::string text = std::string(5000, 'a') + std::string(5000, 'b') + std::string(5000, 'c');
  place.change(text);
  place.keep("what it came to");
  SUBCASE("it does") {
    place.change(text + "more");
    CHECK(place.goes_on());
  }
  SUBCASE("another beginning") {
    place.change("x" + text);
    CHECK_FALSE(place.goes_on());
  }
  SUBCASE("another end of what was read") {
    place.change(text.substr(0, text.size() - 1) + "x and more");
    CHECK_FALSE(place.goes_on());
  }
  SUBCASE("another file") {
    write_text(place.folder / "other", text + "more");
    fs::rename(place.folder / "other", place.log);
    CHECK_FALSE(place.goes_on());
  }
  CHECK_FALSE(place.loaded());
}

TEST_CASE("a log that may have changed unseen counts only as the beginning of a longer one") {
  Place place;
  SUBCASE("changed a moment ago") {
    place.system.touched(place.log);
    place.keep("what it came to");
  }
  SUBCASE("by a clock that is ahead") {
    place.system.now_ns -= 7200 * second;
    place.keep("what it came to");
  }
  SUBCASE("on a file system that rounds its times") {
    place.system.be_coarse();
    place.change("a log");
    place.keep("what it came to");
  }
  CHECK_FALSE(place.loaded());
  place.change("a log that grew");
  CHECK(place.goes_on());
}

TEST_CASE(
    "nothing is kept of a log that changed while it was read, or in a folder that is not ours") {
  Place place;
  SUBCASE("changed") {
    const auto entry = place.entry();
    place.change("it has grown meanwhile");
    place.keep(entry, "what it came to");
  }
  SUBCASE("of the Go library") {
    fs::remove(place.data / "agentstore.json");
    place.keep("what it came to");
  }
  CHECK_FALSE(fs::exists(place.file));
}

TEST_CASE("forgetting a session deletes what is kept, of all keys, and of older versions its own") {
  Place place;
  place.keep("what it came to");
  fs::create_directory(place.data / "cache/stats");
  for (const char* const name : {"stats/s.0123456789abcdef", "stats/s", "stats/t.0123456789abcdef",
                                 "aggregates.0123456789abcdef", "sessions"})
    write_text(place.data / "cache" / name, "a cache");
  REQUIRE(forget_cached_aggregates(*place.opened, "s"));
  for (const char* const name :
       {"stats/s.0123456789abcdef", "stats/s", "aggregates.0123456789abcdef"})
    CHECK_FALSE(fs::exists(place.data / "cache" / name));
  CHECK_FALSE(fs::exists(place.file));
  CHECK(fs::exists(place.data / "cache/stats/t.0123456789abcdef"));
  CHECK(fs::exists(place.data / "cache/sessions"));
  fs::remove_all(place.data / "cache");
  CHECK(forget_cached_aggregates(*place.opened, "s"));
}

TEST_SUITE_END();

}  // namespace agentstore
