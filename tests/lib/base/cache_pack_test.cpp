// The file of cached values: what counts of it, whatever happened to it and whoever wrote to it.

#include "base/cache_pack.hpp"

#include <doctest/doctest.h>

#include <optional>

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

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;

template <class Disk>
struct Place {
  TempFolder folder;
  Disk system;
  const CacheKey key{"a key of this test"};
  fs::path file = folder / "cache";

  CachePack pack(std::uint64_t bytes_max = mebibyte, const std::string& kind = "test") {
    return CachePack{
        system, {.file = file, .mode = 0600, .kind = kind, .bytes_max = bytes_max}, key};
  }
  /// Of a file that changed an hour ago.
  void put(CachePack& pack, const std::string& name, const std::string& value) {
    const Timestamp now = system.clock();
    pack.put(name, value, now, (now.seconds - 3600) * second + 17);
  }
  void save(CachePack& pack) {
    pack.save([](std::string_view) { return true; });
  }
  void keep(const std::string& name, const std::string& value) {
    CachePack one = pack();
    put(one, name, value);
    save(one);
  }
  std::optional<std::string> found(const std::string& name) {
    const auto one = pack().find(name);
    return one ? std::optional{one->value} : std::nullopt;
  }
};

}  // namespace

TEST_SUITE_BEGIN("cache pack");

TEST_CASE("a value is found by its key, the newest one, by this process and the next") {
  Place<TickingSystem> place;
  CHECK_FALSE(place.found("a"));
  CHECK_FALSE(place.pack().fault());
  CachePack pack = place.pack();
  place.put(pack, "a", "1");
  CHECK(pack.find("a")->value == "1");
  CHECK(pack.unsaved() == 1);
  CHECK_FALSE(fs::exists(place.file));
  place.save(pack);
  CHECK(pack.unsaved() == 0);
  CHECK(place.found("a") == "1");
  place.put(pack, "b", "2");
  place.put(pack, "a", "3");
  place.save(pack);
  CHECK(place.found("a") == "3");
  CHECK(place.found("b") == "2");
  CHECK(place.pack().keys() == std::vector<std::string>{"a", "b"});
  CHECK((fs::status(place.file).permissions() & fs::perms::mask) ==
        (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("a stamp that may be that of a later change is not settled") {
  Place<TickingSystem> place;
  CachePack pack = place.pack();
  const Timestamp now = place.system.clock();
  pack.put("young", "1", now, now.seconds * second + 17);
  pack.put("old", "1", now, (now.seconds - 60) * second + 17);
  pack.put("rounded", "1", now, (now.seconds - 60) * second);
  CHECK_FALSE(pack.find("old")->settled);
  place.save(pack);
  CHECK(pack.find("old")->settled);
  CHECK(place.pack().find("old")->settled);
  CHECK_FALSE(place.pack().find("young")->settled);
  CHECK_FALSE(place.pack().find("rounded")->settled);
}

TEST_CASE("what is cut off, changed, or of another kind or version does not count") {
  Place<TickingSystem> place;
  place.keep("a", "what it came to");
  place.keep("b", "and this");
  const std::string good = read_text(place.file);
  const auto whole = [&](const std::string& bytes) {
    write_text(place.file, bytes);
    return place.found("a") == "what it came to" && place.found("b") == "and this";
  };
  REQUIRE(whole(good));
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(whole(good.substr(0, size)));
    CHECK_FALSE(place.pack().fault());
    const auto found = place.found("a");
    CHECK((!found || found == "what it came to"));
  }
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    CAPTURE(bit);
    std::string bytes = good;
    bytes[bit / 8] ^= static_cast<char>(1U << (bit % 8));
    CHECK_FALSE(whole(bytes));
    for (const char* const name : {"a", "b"}) {
      const auto found = place.found(name);
      CHECK((!found || found == (name[0] == 'a' ? "what it came to" : "and this")));
    }
  }
  REQUIRE(whole(good));
  CHECK_FALSE(place.pack(mebibyte, "other").find("a"));
  CHECK(place.pack(mebibyte, "other").fault());
  // What comes after half a chunk is written in the place of all.
  write_text(place.file, good.substr(0, good.size() - 3));
  place.keep("c", "new");
  CHECK(place.found("a") == "what it came to");
  CHECK(place.found("c") == "new");
  CHECK_FALSE(place.pack().fault());
}

TEST_CASE("two processes append to one file, and neither loses what the other kept") {
  Place<TickingSystem> place;
  place.keep("a", "0");
  CachePack one = place.pack();
  CachePack other = place.pack();
  CHECK(one.find("a"));
  CHECK(other.find("a"));
  for (int round = 0; round < 5; ++round) {
    place.put(one, "one", std::to_string(round));
    place.save(one);
    place.put(other, "other", std::to_string(round));
    place.save(other);
    CHECK(place.found("one") == std::to_string(round));
    CHECK(place.found("other") == std::to_string(round));
  }
  CHECK(place.found("a") == "0");
}

TEST_CASE("a file that was written anew by another process is left to it") {
  Place<TickingSystem> place;
  place.keep("a", "0");
  CachePack late = place.pack();
  CHECK(late.find("a"));
  fs::rename(place.file, place.file.string() + ".before");  // so that the new one has another inode
  place.keep("a", "1");
  place.put(late, "a", "2");
  place.save(late);
  CHECK(place.found("a") == "1");
}

TEST_CASE("the file stays within its bound, and what is replaced goes") {
  Place<TickingSystem> place;
  for (int round = 0; round < 300; ++round)
    place.keep("a", std::string(20'000, static_cast<char>('a' + round % 26)));
  CHECK(fs::file_size(place.file) <= 2 * mebibyte);
  CachePack small = place.pack(100'000);
  for (int number = 0; number < 50; ++number)
    place.put(small, "k" + std::to_string(number), std::string(5'000, 'x'));
  place.save(small);
  CHECK(fs::file_size(place.file) <= 100'000);
  CHECK(place.pack(100'000).keys().size() > 10);
}

TEST_CASE("keys that are not wanted go when the file is written anew") {
  Place<TickingSystem> place;
  place.keep("gone", "1");
  CachePack pack = place.pack();
  CHECK(pack.find("gone"));
  pack.forget();
  CHECK_FALSE(pack.find("gone"));
  write_text(place.file, "rubbish");
  CachePack anew = place.pack();
  place.put(anew, "a", "1");
  anew.save([](std::string_view name) { return name != "gone"; });
  CHECK(place.pack().keys() == std::vector<std::string>{"a"});
}

TEST_CASE("a link in its place is replaced, not followed") {
  Place<TickingSystem> place;
  write_text(place.folder / "elsewhere", "mine");
  fs::create_symlink(place.folder / "elsewhere", place.file);
  CHECK_FALSE(place.found("a"));
  place.keep("a", "1");
  CHECK(read_text(place.folder / "elsewhere") == "mine");
  CHECK(place.found("a") == "1");
}

TEST_CASE("whatever fails on the way, the old value or the new one is found, and no file is left") {
  for (const int error : {ENOSPC, EROFS, EIO}) {
    for (int call = 1;; ++call) {
      CAPTURE(error);
      CAPTURE(call);
      Place<FaultSystem> place;
      place.keep("a", "the old one");
      REQUIRE(place.found("a") == "the old one");
      place.system.fail_at(call, error, 10);
      place.keep("a", "the new one");
      const bool fired = place.system.fired();
      const bool left_behind = place.system.fired_call() == "unlink";
      place.system.fail_at(0, 0);
      CAPTURE(place.system.fired_call());
      const auto found = place.found("a");
      CHECK((found == "the old one" || found == "the new one"));
      if (!left_behind)
        CHECK(std::distance(fs::directory_iterator{place.file.parent_path()}, {}) == 1);
      if (!fired) {
        CHECK(found == "the new one");
        break;
      }
    }
  }
}

TEST_SUITE_END();

}  // namespace agentstore
