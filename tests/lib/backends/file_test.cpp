// What is particular to data folders: their files, their modes, the Go library's, several stores.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "agentstore/json.hpp"
#include "backends/session_file.hpp"
#include "base/file.hpp"
#include "support/events.hpp"
#include "support/lines.hpp"

namespace agentstore {
namespace {

using test::read_events;
using test::read_text;
using test::TempFolder;
using test::write_text;

namespace fs = std::filesystem;

Store opened(const fs::path& folder, StoreOptions options = {}) {
  auto store = Store::open(folder, std::move(options));
  REQUIRE(store);
  return std::move(*store);
}

mode_t mode_of(const fs::path& path) {
  struct stat status{};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 0777U;
}

}  // namespace

TEST_SUITE_BEGIN("data folder");

TEST_CASE("opening writes nothing; the first session makes the folder, for its owner alone") {
  const TempFolder folder;
  const fs::path data = folder / "a/b/data";
  Store store = opened(data);
  CHECK(store.sessions()->empty());
  CHECK_FALSE(fs::exists(folder / "a"));
  REQUIRE(store.create_session({.id = "s"}));
  REQUIRE(store.append("s", {.type = "x"}));
  CHECK(read_text(data / "agentstore.json") == "{\"format\":1}\n");
  CHECK(mode_of(data) == 0700);
  for (const char* const part : {"sessions", "events", "snapshots", "locks"}) {
    CHECK(mode_of(data / part) == 0700);
  }
  for (const char* const file :
       {"agentstore.json", "sessions/s.json", "events/s.jsonl", "locks/s.lock"}) {
    CHECK(mode_of(data / file) == 0600);
  }
  for (const auto& entry : fs::recursive_directory_iterator{data}) {
    const std::string name = entry.path().filename().string();
    CHECK_FALSE((name.starts_with(".") && name != ".gitattributes"));
  }
}

TEST_CASE("files follow the modes that the folder's owner chose") {
  const TempFolder folder;
  const fs::path data = folder / "data";
  fs::create_directory(data);
  REQUIRE(::chmod(data.c_str(), 0750) == 0);
  const mode_t before = ::umask(0);
  {
    Store store = opened(data);
    REQUIRE(store.create_session({.id = "s"}));
    REQUIRE(store.append("s", {.type = "x"}));
  }
  ::umask(before);
  CHECK(mode_of(data / "events") == 0750);
  CHECK(mode_of(data / "events/s.jsonl") == 0640);
  CHECK(mode_of(data / "sessions/s.json") == 0640);
}

TEST_CASE("what is no store is refused") {
  const TempFolder folder;
  const auto code = [](const fs::path& path, bool create) {
    const auto store = Store::open(path, {.create = create});
    return store ? Code{} : store.error().code;
  };
  CHECK(code(folder / "missing", false) == Code::not_found);
  CHECK(code(folder / "missing", true) == Code{});
  fs::create_directory(folder / "empty");
  CHECK(code(folder / "empty", false) == Code::not_found);
  CHECK(code(folder / "empty", true) == Code{});
  write_text(folder / "file", "x");
  CHECK(code(folder / "file", true) == Code::invalid);
  CHECK(code(folder / "file/below", true) == Code::invalid);
  fs::create_directory(folder / "foreign");
  write_text(folder / "foreign/notes.txt", "x");
  CHECK(code(folder / "foreign", true) == Code::invalid);
  CHECK(code(folder / "foreign", false) == Code::invalid);
  fs::create_directory(folder / "newer");
  write_text(folder / "newer/agentstore.json", "{\"format\":2}\n");
  CHECK(code(folder / "newer", true) == Code::unsupported);
  write_text(folder / "newer/agentstore.json", "{\"format\":\"1\"}\n");
  CHECK(code(folder / "newer", true) == Code::corrupt);
  write_text(folder / "newer/agentstore.json", "");
  CHECK(code(folder / "newer", true) == Code::corrupt);
  write_text(folder / "newer/agentstore.json", " { \"format\" : 1, \"more\" : [] } ");
  CHECK(code(folder / "newer", true) == Code{});
}

TEST_CASE("a path with a slash at its end is the same folder") {
  const TempFolder folder;
  {
    Store store = opened(folder / "data/");
    REQUIRE(store.create_session({.id = "s"}));
  }
  CHECK(opened(folder / "data").session("s"));
}

TEST_CASE("several stores on one folder append to one session, in turn and at once") {
  const TempFolder folder;
  Store first = opened(folder / "data");
  Store second = opened(folder / "data");
  REQUIRE(first.create_session({.id = "s"}));
  CHECK(second.create_session({.id = "s"}).error().code == Code::conflict);
  CHECK(second.append("s", {.type = "x"})->sequence_number == 1);
  CHECK(first.append("s", {.type = "x"})->sequence_number == 2);
  CHECK(first.append("s", {.type = "x"}, {.expected_version = 1}).error().code == Code::conflict);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        Store mine = Store::open(folder / "data").value();
        for (int i = 0; i < 15; ++i) {
          Store& store = t % 2 == 0 ? mine : first;
          (void)store.append("s", {.type = "x", .event_id = std::to_string(t * 100 + i)});
        }
      });
    }
  }
  CHECK(second.session("s")->event_count == 62);
  CHECK(second.verify("s")->finding_count == 0);
  CHECK(second.append("s", {.type = "x", .event_id = "307"})->duplicate);
}

TEST_CASE("more sessions than files may be open are written to") {
  const TempFolder folder;
  Store store = opened(folder / "data", {.durability = Durability::none});
  for (int i = 0; i < 300; ++i) {
    const std::string id = "s" + std::to_string(i);
    REQUIRE(store.create_session({.id = id}));
    REQUIRE(store.append(id, {.type = "x"}));
  }
  const auto open_files = std::distance(fs::directory_iterator{"/proc/self/fd"}, {});
  CHECK(open_files < 300);
  for (int i = 0; i < 300; i += 50) {
    CHECK(store.append("s" + std::to_string(i), {.type = "x"})->sequence_number == 2);
  }
  CHECK(store.sessions({.limit = 1000})->size() == 300);
}

TEST_CASE("the child of a fork is refused, and leaves the parent's files alone") {
  const TempFolder folder;
  Store store = opened(folder / "data");
  REQUIRE(store.create_session({.id = "s"}));
  REQUIRE(store.append("s", {.type = "x"}));
  const auto before = test::listing(folder.path());
  const pid_t child = ::fork();
  if (child == 0) {
    const auto append = store.append("s", {.type = "x"});
    const auto create = store.create_session({.id = "t"});
    const bool refused = !append && append.error().code == Code::closed && !create &&
                         create.error().code == Code::closed;
    const bool closed = store.close().has_value();
    ::_exit(refused && closed ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(test::listing(folder.path()) == before);
  CHECK(store.append("s", {.type = "x"})->sequence_number == 2);
}

TEST_CASE("closing refreshes the session file; appending leaves it alone") {
  const TempFolder folder;
  const fs::path file = folder / "data/sessions/s.json";
  {
    Store store = opened(folder / "data");
    REQUIRE(store.create_session({.id = "s", .name = "n"}));
    const std::string before = read_text(file);
    REQUIRE(store.append("s", {.type = "x"}));
    REQUIRE(store.append("s", {.type = "x", .timestamp = test::at_second(5)}));
    CHECK(read_text(file) == before);
    CHECK(store.session("s")->event_count == 2);
  }
  const auto kept = session_from_json(read_text(file));
  REQUIRE(kept);
  CHECK(kept->event_count == 2);
  CHECK(kept->name == "n");
  CHECK(kept->updated_at == test::at_second(5));
}

TEST_CASE("a session whose file is empty, bad or missing is listed as its log has it") {
  const TempFolder folder;
  {
    Store store = opened(folder / "data");
    REQUIRE(store.create_session({.id = "s", .name = "n"}));
    REQUIRE(store.append("s", {.type = "x", .timestamp = test::at_second(7)}));
  }
  const fs::path file = folder / "data/sessions/s.json";
  for (const char* const text : {"", "{", "{}", "[]", "\"x\"", R"({"id":"other","created_at":"x"})",
                                 R"({"id":"t","created_at":"2026-03-07T12:00:00Z"})"}) {
    CAPTURE(text);
    write_text(file, text);
    std::vector<std::string> notices;
    const Store store =
        opened(folder / "data",
               {.on_notice = [&](const std::string& notice) { notices.push_back(notice); }});
    const auto sessions = store.sessions();
    REQUIRE(sessions->size() == 1);
    CHECK(sessions->front().id == "s");
    CHECK(sessions->front().event_count == 1);
    CHECK(sessions->front().created_at == test::at_second(7));
    CHECK_FALSE(notices.empty());
    CHECK(read_events(store, "s").events.size() == 1);
  }
  fs::remove(file);
  CHECK(opened(folder / "data").sessions()->size() == 1);
}

TEST_CASE("what lies in the folder under strange names is listed as far as it can be read") {
  const TempFolder folder;
  const fs::path data = folder / "data";
  {
    Store store = opened(data);
    REQUIRE(store.create_session({.id = "good"}));
  }
  write_text(data / "sessions/.hidden.json", "{}");
  write_text(data / "sessions/notes.txt", "x");
  test::LogBuilder log{"sp ace\n\x1B"};
  log.go_line();
  write_text(data / "events/sp ace\n\x1B.jsonl",
             "{\"session_id\":\"sp ace\\n\\u001b\",\"sequence_number\":1,\"type\":\"x\","
             "\"timestamp\":\"2026-03-07T12:00:00Z\"}\n");
  fs::create_directory(data / "events/folder.jsonl");
  REQUIRE(::mkfifo((data / "events/fifo.jsonl").c_str(), 0600) == 0);
  fs::create_symlink("good.json", data / "sessions/link.json");
  std::vector<std::string> notices;
  Store store =
      opened(data, {.on_notice = [&](const std::string& notice) { notices.push_back(notice); }});
  const auto sessions = store.sessions();
  REQUIRE(sessions);
  CHECK(sessions->size() >= 2);
  CHECK_FALSE(notices.empty());
  CHECK(read_events(store, "sp ace\n\x1B").events.size() == 1);
  CHECK(store.append("sp ace\n\x1B", {.type = "x"}).error().code == Code::invalid);
  for (const char* const id : {"folder", "fifo"}) {
    CHECK(store.read(id).error().code == Code::io);
    CHECK(store.append(id, {.type = "x"}).error().code == Code::io);
  }
}

TEST_CASE("a folder that may not be read or written is an io error") {
  if (::geteuid() == 0) {
    MESSAGE("root may do everything: not tested");
    return;
  }
  const TempFolder folder;
  const fs::path data = folder / "data";
  Store store = opened(data);
  REQUIRE(store.create_session({.id = "s"}));
  REQUIRE(::chmod((data / "events").c_str(), 0) == 0);
  CHECK(store.append("s", {.type = "x"}).error().code == Code::io);
  REQUIRE(::chmod((data / "events").c_str(), 0700) == 0);
}

TEST_CASE("reading a folder of the Go library makes and changes no file; the first append does") {
  const TempFolder folder;
  const fs::path data = folder / "data";
  for (const char* const part : {"sessions", "events", "snapshots"}) {
    fs::create_directories(data / part);
  }
  test::LogBuilder log;
  log.go_line();
  log.go_line();
  write_text(data / "events/s.jsonl", log.text());
  write_text(data / "sessions/s.json", R"({"id":"s","created_at":"2026-03-07T12:00:00Z",)"
                                       R"("updated_at":"2026-03-07T12:00:00Z","event_count":2})");
  const auto before = test::listing(data);
  {
    const Store store = opened(data, {.create = false});
    CHECK(store.sessions()->front().event_count == 2);
    CHECK(store.state("s")->last_sequence_number == 2);
    CHECK(read_events(store, "s").report.verdict == Verdict::unsealed);
    CHECK(store.verify("s")->verdict == Verdict::unsealed);
    auto all = store.read_all();
    CHECK(test::drain(**all).events.size() == 2);
  }
  CHECK(test::listing(data) == before);
  Store store = opened(data);
  CHECK(store.append("s", {.type = "x"})->sequence_number == 3);
  CHECK(fs::exists(data / "agentstore.json"));
  CHECK(store.verify("s")->verdict == Verdict::clean);
  CHECK(store.verify("s")->unsealed == 2);
  CHECK(read_text(data / "events/s.jsonl").starts_with(log.text()));
}

TEST_CASE("a reader beside a writer sees whole writes only") {
  const TempFolder folder;
  Store store = opened(folder / "data");
  REQUIRE(store.create_session({.id = "s"}));
  std::atomic<bool> done = false;
  std::jthread writer{[&] {
    const std::vector<Draft> drafts(
        3, Draft{.type = "x", .payload = "\"" + std::string(20'000, 'p') + "\""});
    for (int i = 0; i < 150; ++i) (void)store.append("s", drafts);
    done = true;
  }};
  std::size_t seen = 0;
  auto follower = store.read("s");
  REQUIRE(follower);
  std::size_t followed = test::drain(**follower).events.size();
  while (!done) {
    const auto kept = read_events(store, "s");
    const bool right =
        !kept.error && kept.events.size() % 3 == 0 && kept.events.size() >= seen &&
        (kept.report.verdict == Verdict::clean || kept.report.verdict == Verdict::in_flight);
    if (!right) CHECK(right);
    seen = kept.events.size();
    const auto grown = (*follower)->poll();
    REQUIRE(grown);
    if (*grown) {
      for (const auto& event : test::drain(**follower).events) {
        if (event.sequence_number != ++followed) CHECK(event.sequence_number == followed);
      }
    }
  }
  writer.join();
  if ((*follower)->poll() == true) followed += test::drain(**follower).events.size();
  CHECK(followed == 450);
  CHECK(read_events(store, "s").events.size() == 450);
}

TEST_CASE("while a writer holds the lock a cut write is in flight, and torn when nobody does") {
  const TempFolder folder;
  Store store = opened(folder / "data");
  REQUIRE(store.create_session({.id = "s"}));
  const Draft two[] = {{.type = "x"}, {.type = "y"}};
  REQUIRE(store.append("s", two));
  const fs::path log = folder / "data/events/s.jsonl";
  const std::string whole = read_text(log);
  write_text(log, whole + R"({"session_id":"s","sequence_number":3,"ty)");
  CHECK(read_events(store, "s").report.verdict == Verdict::torn);
  const Path lock = folder / "data/locks/s.lock";
  const auto held = open_file(linux_system(), lock, O_RDWR);
  REQUIRE(held);
  REQUIRE(lock_file(linux_system(), *held, lock, LOCK_EX, 0) == true);
  const auto kept = read_events(store, "s");
  CHECK(kept.report.verdict == Verdict::in_flight);
  CHECK(kept.report.finding_count == 0);
  CHECK(kept.events.size() == 2);
}

TEST_CASE("session files keep every field, in the Go library's form") {
  const Session session{.id = "s",
                        .name = "a \"name\" é",
                        .labels = {{"k", "v\n"}, {"", "x"}},
                        .created_at = {1'772'884'800, 120'000'000},
                        .updated_at = {1'772'884'801, 0},
                        .event_count = 7};
  const std::string text = session_to_json(session);
  CHECK(text.find("\"created_at\": \"2026-03-07T12:00:00.12Z\"") != text.npos);
  const auto read = session_from_json(text);
  REQUIRE(read);
  CHECK(read->id == session.id);
  CHECK(read->name == session.name);
  CHECK(read->labels == session.labels);
  CHECK(read->created_at == session.created_at);
  CHECK(read->updated_at == session.updated_at);
  CHECK(read->event_count == 7);
  CHECK(session_from_json(R"({"id":"s","created_at":"2026-03-07T12:00:00Z","event_count":-3})")
            ->event_count == 0);
}

TEST_SUITE_END();

TEST_SUITE_BEGIN("corpus");

TEST_CASE("the Go library's folder is read without a file changing, and sealed by an append" *
          doctest::skip(test::corpus().empty())) {
  const TempFolder folder;
  const fs::path data = folder / "data";
  test::copy_folder(test::corpus() / "go-library", data);
  const auto before = test::listing(data);
  {
    const Store store = opened(data, {.create = false});
    CHECK(store.sessions()->size() == 5);
    const auto listed = store.sessions().value();
    for (const Session& session : listed) {
      CAPTURE(session.id);
      CHECK(read_events(store, session.id).events.size() == session.event_count);
      CHECK(store.state(session.id));
      const Verdict verdict = store.verify(session.id)->verdict;
      CHECK(verdict == (session.event_count == 0 ? Verdict::clean : Verdict::unsealed));
    }
    CHECK(store.session("long")->event_count == 250);
  }
  CHECK(test::listing(data) == before);
  Store store = opened(data);
  const auto sessions = store.sessions().value();
  for (const Session& session : sessions) {
    CAPTURE(session.id);
    REQUIRE(store.append(session.id, {.type = "x"}));
    CHECK(store.verify(session.id)->finding_count == 0);
    const std::string command = "python3 '" + (test::corpus() / "../tools/verify_log.py").string() +
                                "' '" + (data / "events" / (session.id + ".jsonl")).string() +
                                "' '" + session.id + "' > /dev/null";
    CHECK(std::system(command.c_str()) == 0);
  }
}

TEST_CASE("damage in the Go library's folders is named, and hurts no other session" *
          doctest::skip(test::corpus().empty())) {
  struct Known {
    const char* folder;
    const char* session;
    Verdict verdict;
  };
  for (const auto& [name, damaged, verdict] :
       {Known{"torn", "", Verdict::torn}, Known{"glued", "", Verdict::damaged},
        Known{"two-writers", "", Verdict::damaged}, Known{"flipped", "long", Verdict::damaged},
        Known{"snapshot-ahead", "", Verdict::unsealed},
        Known{"empty-session-file", "", Verdict::unsealed}}) {
    CAPTURE(name);
    const Store store = opened(test::corpus() / "go-library-damaged" / name, {.create = false});
    Verdict worst = Verdict::clean;
    const auto listed = store.sessions().value();
    for (const Session& session : listed) {
      CAPTURE(session.id);
      const auto verified = store.verify(session.id);
      REQUIRE(verified);
      worst = std::max(worst, verified->verdict);
      const bool bad = verified->verdict > Verdict::in_flight;
      CHECK(bad == (verified->finding_count > 0));
      const auto state = store.state(session.id);
      CHECK(state.has_value() == (verified->verdict != Verdict::damaged));
      const auto kept = read_events(store, session.id, {.on_corrupt = OnCorrupt::skip});
      CHECK_FALSE(kept.error);
      CHECK((kept.report.finding_count > 0) == bad);
    }
    CHECK(worst == verdict);
  }
}

TEST_SUITE_END();

}  // namespace agentstore
