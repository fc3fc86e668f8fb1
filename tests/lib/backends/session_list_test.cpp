// Lists, held against the plain reading of every file: whatever happened to the folder in between,
// by whom and by which clock, a cache must not be seen in an answer.

#include <doctest/doctest.h>
#include <fcntl.h>

#include <algorithm>
#include <random>

#include "agentstore/json.hpp"
#include "backends/backend.hpp"
#include "backends/session_file.hpp"
#include "support/fault_system.hpp"
#include "support/folder.hpp"
#include "support/ticking_system.hpp"

namespace agentstore {
namespace {

using test::FaultSystem;
using test::ms;
using test::read_text;
using test::second;
using test::TempFolder;
using test::TickingSystem;
using test::write_text;

namespace fs = std::filesystem;

bool has_all(const Labels& labels, const Labels& wanted) {
  return std::ranges::all_of(wanted, [&](const auto& label) {
    const auto found = labels.find(label.first);
    return found != labels.end() && found->second == label.second;
  });
}

// By reading every file, each time.
std::vector<Session> plain_list(Backend& backend, const ListOptions& options) {
  std::vector<Session> all;
  const auto ids = backend.session_ids();
  REQUIRE(ids);
  for (const std::string& id : *ids) {
    auto one = backend.session(id, false);
    if (one && has_all(one->labels, options.labels)) all.push_back(std::move(*one));
  }
  std::ranges::sort(all, [](const Session& one, const Session& other) {
    if (one.created_at != other.created_at) return one.created_at > other.created_at;
    return one.id < other.id;
  });
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(
                                           std::min<std::uint64_t>(options.offset, all.size())));
  if (options.limit && *options.limit < all.size()) all.resize(*options.limit);
  for (Session& one : all) {
    if (!options.fresh_counts) break;
    if (auto fresh = backend.session(one.id, true)) one = std::move(*fresh);
  }
  return all;
}

std::string shown(const std::vector<Session>& sessions) {
  std::string text;
  for (const Session& session : sessions) text += session_to_json(session) + "\n";
  return text;
}

std::string log_text(const std::string& id, std::uint64_t events, int seed) {
  std::string text;
  for (std::uint64_t i = 1; i <= events; ++i) {
    text += R"({"session_id":")" + id + R"(","sequence_number":)" + std::to_string(i) +
            R"(,"type":"x","timestamp":"2026-03-07T12:00:0)" + std::to_string(seed % 10) +
            "Z\",\"payload\":{},\"metadata\":{}}\n";
  }
  return text;
}

// A folder to which things happen.
class Life {
 public:
  Life(TickingSystem& system, fs::path data, unsigned seed)
      : system_(system), data_(std::move(data)), random_(seed) {
    for (const char* const part : {"sessions", "events"}) fs::create_directories(data_ / part);
    write_text(data_ / "agentstore.json", "{\"format\":1}\n");
  }

  std::size_t below(std::size_t count) { return random_() % count; }

  void step() {
    const std::string id = "s" + std::to_string(below(12));
    switch (below(11)) {
      case 0: return write(session_path(id), session_text(id));
      case 1: return write(log_path(id), log_text(id, below(3), static_cast<int>(below(3))));
      case 2: return replace(session_path(id), session_text(id));
      case 3: return replace(log_path(id), log_text(id, below(3), static_cast<int>(below(3))));
      case 4: return remove(session_path(id));
      case 5: return remove(log_path(id));
      case 6: return write(session_path(id), below(2) == 0 ? "{" : R"({"id":"other"})");
      case 7: system_.now_ns += static_cast<std::int64_t>(below(4)) * ms; return;
      case 8: system_.now_ns += static_cast<std::int64_t>(below(100'000)) * ms + 17; return;
      case 9:
        system_.set_back(static_cast<std::int64_t>(below(50'000)) * ms,
                         static_cast<std::int64_t>(below(ms)));
        return;
      default: damage_cache();
    }
  }

  fs::path cache() const { return test::keyed(data_ / "cache/sessions"); }

 private:
  fs::path session_path(const std::string& id) const { return data_ / "sessions" / (id + ".json"); }
  fs::path log_path(const std::string& id) const { return data_ / "events" / (id + ".jsonl"); }

  // Always of the same size, so that sizes tell nothing.
  std::string session_text(const std::string& id) {
    const std::string digit = std::to_string(below(10));
    const Timestamp at{1'772'884'800 + static_cast<int>(below(10)), 0};
    return session_to_json({id, "n" + digit, {{"env", "e" + digit}}, at, at, below(2)});
  }
  std::int64_t forged() { return below(3) == 0 ? 5 * second : 0; }

  void write(const fs::path& path, const std::string& text) {
    const bool made = !fs::exists(path);
    write_text(path, text);
    system_.touched(path, forged());
    if (made) system_.touched(path.parent_path());
  }
  void replace(const fs::path& path, const std::string& text) {
    const fs::path temp = path.parent_path() / ".temp";
    write_text(temp, text);
    fs::rename(temp, path);
    system_.touched(path, forged());
    system_.touched(path.parent_path());
  }
  void remove(const fs::path& path) {
    if (fs::remove(path)) system_.touched(path.parent_path());
  }
  void damage_cache() {
    if (!fs::exists(cache())) return;
    std::string bytes = read_text(cache());
    switch (below(3)) {
      case 0: fs::remove(cache()); return;
      case 1: bytes.resize(below(bytes.size() + 1)); break;
      default: bytes[below(bytes.size())] ^= static_cast<char>(1U << below(8));
    }
    write_text(cache(), bytes);
  }

  TickingSystem& system_;
  fs::path data_;
  std::mt19937_64 random_;
};

std::unique_ptr<Backend> backend_of(const fs::path& folder, System& system,
                                    std::size_t cached_from) {
  auto backend =
      open_file_backend(folder, {.create = false}, system, {.sessions_min = cached_from});
  REQUIRE(backend);
  return std::move(*backend);
}

// So many sessions, made an hour ago by the clock of `system`.
void fill(const fs::path& data, int sessions) {
  for (const char* const part : {"sessions", "events"}) fs::create_directories(data / part);
  write_text(data / "agentstore.json", "{\"format\":1}\n");
  for (int i = 0; i < sessions; ++i) {
    const std::string id = "s" + std::to_string(i);
    const Timestamp at{1'772'884'800 + i / 2, 0};
    write_text(data / "sessions" / (id + ".json"),
               session_to_json({id, "run", {{"n", std::to_string(i % 7)}}, at, at, 0}));
    if (i % 3 != 0) write_text(data / "events" / (id + ".jsonl"), log_text(id, 2, i));
  }
}

// The real file system, told to be old: what stands there is settled.
class SettledSystem : public FaultSystem {
 public:
  int fstat(int descriptor, struct stat& into) override {
    return aged(FaultSystem::fstat(descriptor, into), into);
  }
  int lstat_at(int folder, const char* name, struct stat& into) override {
    return aged(FaultSystem::lstat_at(folder, name, into), into);
  }

 private:
  // But for what is made now: that is how the cache learns the time.
  int aged(int result, struct stat& into) {
    if (result == 0 && into.st_size > 0) into.st_ctim.tv_sec -= 3600;
    return result;
  }
};

}  // namespace

TEST_SUITE_BEGIN("session list");

TEST_CASE("whatever happens to a folder, a list with a cache is the list without one") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    const TempFolder folder;
    TickingSystem system;
    if (seed % 3 == 0) system.behind_ns = 3600 * second;
    if (seed % 5 == 0) system.be_coarse();
    Life life{system, folder / "data", seed};
    const auto backend = backend_of(folder / "data", system, 1);
    int cached = 0;
    for (int step = 0; step < 150; ++step) {
      CAPTURE(step);
      life.step();
      if (life.below(3) == 0) continue;
      ListOptions options{.offset = life.below(3), .fresh_counts = life.below(2) == 0};
      if (life.below(2) == 0) options.limit = life.below(8);
      if (life.below(3) == 0) options.labels = {{"env", "e" + std::to_string(life.below(10))}};
      const auto listed = backend->sessions(options);
      REQUIRE(listed);
      REQUIRE(shown(*listed) == shown(plain_list(*backend, options)));
      cached += fs::exists(life.cache()) ? 1 : 0;
    }
    CHECK((cached > 10) == (seed % 5 != 0));
  }
}

TEST_CASE("a list by several threads is the plain one, with a cache and without") {
  const TempFolder folder;
  SettledSystem system;
  fill(folder / "data", 1500);
  const auto backend = backend_of(folder / "data", system, 1000);
  for (const ListOptions& options :
       {ListOptions{.limit = 10}, ListOptions{}, ListOptions{.labels = {{"n", "3"}}},
        ListOptions{.offset = 1495, .fresh_counts = false}}) {
    const auto listed = backend->sessions(options);
    REQUIRE(listed);
    CHECK(shown(*listed) == shown(plain_list(*backend, options)));
    CHECK(fs::exists(test::keyed(folder / "data/cache/sessions")));
  }
}

TEST_CASE("what the cache has is not read again") {
  const TempFolder folder;
  SettledSystem system;
  fill(folder / "data", 1000);
  const auto backend = backend_of(folder / "data", system, 1000);
  system.only = "open";
  REQUIRE(backend->sessions({}));
  const int uncached = std::exchange(system.calls, 0);
  REQUIRE(backend->sessions({}));
  CHECK(uncached > 1600);
  CHECK(system.calls < 10);
}

TEST_CASE("a cache that was only begun is removed with the next one, and nothing else") {
  const TempFolder folder;
  SettledSystem system;
  fill(folder / "data", 20);
  const fs::path cache = folder / "data/cache";
  fs::create_directory(cache);
  for (const char* const name : {".sessions.0123456789abcdef.tmp", ".mine.tmp", "stats"})
    write_text(cache / name, "");
  REQUIRE(backend_of(folder / "data", system, 1)->sessions({}));
  CHECK(fs::exists(test::keyed(cache / "sessions")));
  CHECK_FALSE(fs::exists(cache / ".sessions.0123456789abcdef.tmp"));
  CHECK(fs::exists(cache / ".mine.tmp"));
  CHECK(fs::exists(cache / "stats"));
}

TEST_CASE("a cache that is damaged, cut or another's is left aside") {
  const TempFolder folder;
  SettledSystem system;
  fill(folder / "data", 20);
  const auto backend = backend_of(folder / "data", system, 1);
  const auto expected = shown(*backend->sessions({}));
  const fs::path cache = test::keyed(folder / "data/cache/sessions");
  const std::string good = read_text(cache);
  const auto check_with = [&](const std::string& bytes) {
    write_text(cache, bytes);
    CHECK(shown(*backend->sessions({})) == expected);
  };
  for (std::size_t size = 0; size <= good.size(); size += 7) check_with(good.substr(0, size));
  std::mt19937_64 random{5};
  for (int i = 0; i < 300; ++i) {
    std::string bytes = good;
    bytes[random() % bytes.size()] ^= static_cast<char>(1U << (random() % 8));
    check_with(bytes);
  }
  check_with("{}");
  check_with(good + good);
  fs::remove(cache);
  fs::create_directory(cache);
  CHECK(shown(*backend->sessions({})) == expected);
}

TEST_CASE("a folder that is the Go library's, or cannot be written to, gets no cache") {
  const TempFolder folder;
  SettledSystem system;
  fill(folder / "data", 20);
  const auto backend = backend_of(folder / "data", system, 1);
  SUBCASE("the Go library's") {
    fs::remove(folder / "data/agentstore.json");
    REQUIRE(backend->sessions({}));
    CHECK_FALSE(fs::exists(folder / "data/cache"));
  }
  SUBCASE("behind a link in the place of the cache") {
    fs::create_directory(folder / "elsewhere");
    fs::create_directory_symlink(folder / "elsewhere", folder / "data/cache");
    CHECK(backend->sessions({})->size() == 20);
    CHECK(fs::is_empty(folder / "elsewhere"));
  }
  SUBCASE("without space") {
    system.only = "write";
    system.forever = true;
    system.fail_at(1, ENOSPC);
    CHECK(backend->sessions({})->size() == 20);
    CHECK(system.fired());
    CHECK(fs::is_empty(folder / "data/cache"));
  }
  SUBCASE("read-only") {
    system.only = "create";
    system.forever = true;
    system.fail_at(1, EROFS);
    CHECK(backend->sessions({})->size() == 20);
    CHECK(system.fired());
  }
}

TEST_CASE("few sessions need no cache") {
  const TempFolder folder;
  SettledSystem system;
  fill(folder / "data", 20);
  REQUIRE(backend_of(folder / "data", system, 21)->sessions({}));
  CHECK_FALSE(fs::exists(folder / "data/cache"));
}

TEST_CASE("the fast reader of session files agrees with the one of JSON") {
  const Timestamp at{1'772'884'800, 120};
  const std::string text =
      session_to_json({"s-1", "flight", {{"a", "1"}, {"b", "two"}}, at, at, 17});
  const auto agree = [](const std::string& any) {
    SessionView view;
    if (!read_plain_session(any, view)) return false;
    const auto parsed = session_from_json(any);
    REQUIRE_MESSAGE(parsed, any);
    const SessionView other = view_of(*parsed);
    CHECK(view.id == other.id);
    CHECK(view.name == other.name);
    CHECK(view.labels == other.labels);
    CHECK(view.created_at == other.created_at);
    CHECK(view.updated_at == other.updated_at);
    CHECK(view.event_count == other.event_count);
    return true;
  };
  CHECK(agree(text));
  CHECK(agree(session_to_json({"s", "", {}, at, at, 0})));
  CHECK_FALSE(agree(text + "\n"));
  std::mt19937_64 random{3};
  constexpr std::string_view bytes = "\"\\,:{}[]0123456789abTZ-+. \n\x7F\xC3";
  int plain = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string changed = text;
    for (std::size_t times = 1 + random() % 2; times > 0; --times) {
      const std::size_t where = random() % changed.size();
      const char byte = bytes[random() % bytes.size()];
      if (random() % 3 == 0) changed.erase(where, 1);
      else if (random() % 2 == 0) changed.insert(where, 1, byte);
      else changed[where] = byte;
    }
    plain += agree(changed) ? 1 : 0;
  }
  CHECK(plain > 500);
}

TEST_SUITE_END();

}  // namespace agentstore
