// Logs that hold fewer events than is said beside them: readers say so, writers refuse.

#include <doctest/doctest.h>

#include <filesystem>

#include "backends/session_file.hpp"
#include "support/events.hpp"
#include "support/lines.hpp"

namespace agentstore {
namespace {

namespace fs = std::filesystem;
using test::code_of;
using test::read_events;
using test::read_text;
using test::TempFolder;
using test::write_text;

class Loss {
 public:
  explicit Loss(std::uint64_t events = 5, Durability durability = Durability::fsync) {
    Store store = opened(durability);
    REQUIRE(store.create_session({.id = "s", .name = "a name"}));
    for (std::uint64_t i = 0; i < events; ++i) REQUIRE(store.append("s", {.type = "x"}));
    REQUIRE(store.close());
  }
  Store opened(Durability durability = Durability::fsync) const {
    return Store::open(folder / "data", {.durability = durability}).value();
  }
  fs::path log() const { return folder / "data/events/s.jsonl"; }
  fs::path file() const { return folder / "data/sessions/s.json"; }
  std::uint64_t synced() const { return synced_events_in(read_text(file())); }
  /// Leaves so many events, and bytes of the next one.
  std::string cut(std::size_t events, std::size_t bytes = 0) const {
    const auto lines = test::lines_of(read_text(log()));
    std::string text;
    for (std::size_t i = 0; i < events; ++i) text += lines[i];
    if (events < lines.size()) text += lines[events].substr(0, bytes);
    write_text(log(), text);
    return text;
  }

 private:
  TempFolder folder;
};

}  // namespace

TEST_SUITE_BEGIN("loss");

TEST_CASE("a session file counts the events that were synced, and no others") {
  const Loss loss;
  CHECK(loss.synced() == 5);
  const Loss unsynced{5, Durability::none};
  CHECK(unsynced.synced() == 0);
  // Whoever syncs it counts all of it.
  {
    Store store = unsynced.opened();
    REQUIRE(store.append("s", {.type = "x"}));
  }
  CHECK(unsynced.synced() == 6);
  {
    Store store = unsynced.opened(Durability::none);
    REQUIRE(store.append("s", {.type = "x"}));
  }
  CHECK(unsynced.synced() == 6);
}

TEST_CASE("a log with fewer events than were synced is lost, and said to be by every reader") {
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{70}}) {
    CAPTURE(bytes);
    const Loss loss;
    const std::string text = loss.cut(3, bytes);
    Store store = loss.opened();
    const auto strict = read_events(store, "s");
    CHECK(strict.events.size() == 3);
    REQUIRE(strict.error);
    CHECK(strict.error->code == Code::corrupt);
    CHECK(strict.error->message.find("5 events") != std::string::npos);
    CHECK(strict.error->message.find("copy sessions/ first") != std::string::npos);
    for (const OnCorrupt mode : {OnCorrupt::prefix, OnCorrupt::skip}) {
      const auto kept = read_events(store, "s", {.on_corrupt = mode});
      CHECK_FALSE(kept.error);
      CHECK(kept.report.verdict == Verdict::lost);
      CHECK(kept.report.finding_count == 1);
    }
    CHECK(code_of(store.state("s")) == Code::corrupt);
    CHECK(store.verify("s")->verdict == Verdict::lost);
    CHECK(store.verify("s")->finding_count == 1);
    CHECK(code_of(store.append("s", {.type = "x"})) == Code::corrupt);
    CHECK(code_of(store.repair("s")) == Code::corrupt);
    CHECK(read_text(loss.log()) == text);
  }
}

TEST_CASE("where there is no log, or an empty one, the events that it had are lost") {
  for (const bool missing : {true, false}) {
    const Loss loss;
    if (missing) fs::remove(loss.log());
    else write_text(loss.log(), "");
    Store store = loss.opened();
    CHECK(read_events(store, "s").error);
    CHECK(store.verify("s")->verdict == Verdict::lost);
    CHECK(code_of(store.append("s", {.type = "x"})) == Code::corrupt);
    CHECK(code_of(store.repair("s", {.dry_run = true})) == Code::corrupt);
    CHECK(fs::exists(loss.log()) == !missing);
  }
  const Loss none{0};
  fs::remove(none.log());
  Store store = none.opened();
  CHECK(store.verify("s")->verdict == Verdict::clean);
  CHECK(store.append("s", {.type = "x"}));
}

TEST_CASE("a loss that is accepted is told in the log, and its torn end goes, too") {
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{70}}) {
    const Loss loss;
    const std::string text = loss.cut(3, bytes);
    Store store = loss.opened();
    const auto dry = store.repair("s", {.accept_loss = true, .dry_run = true});
    REQUIRE(dry);
    CHECK(dry->changed);
    CHECK(read_text(loss.log()) == text);
    CHECK(loss.synced() == 5);
    const auto repair = store.repair("s", {.accept_loss = true});
    REQUIRE(repair);
    CHECK(repair->verdict == Verdict::lost);
    CHECK(loss.synced() == 3);
    CHECK(read_text(loss.log()).find(R"("synced_events":5,"events":3)") != std::string::npos);
    CHECK(store.verify("s")->verdict == Verdict::clean);
    CHECK(store.append("s", {.type = "x"}));
    REQUIRE(store.close());
    CHECK(loss.synced() == (bytes == 0 ? 5 : 6));
    CHECK_FALSE(loss.opened().repair("s", {.accept_loss = true})->changed);
  }
}

TEST_CASE("a salvage counts what the new log holds") {
  const Loss loss;
  const auto lines = test::lines_of(read_text(loss.log()));
  write_text(loss.log(), lines[0] + "garbage\n" + lines[4]);
  Store store = loss.opened();
  REQUIRE(store.repair("s", {.salvage = true}));
  CHECK(loss.synced() == 3);
  CHECK(store.verify("s")->verdict == Verdict::clean);
}

TEST_CASE(
    "a session file that was written by the Go library says nothing, nor does one that is bad") {
  for (const std::string& text :
       {std::string{R"({"id":"s","created_at":"2026-03-07T12:00:00Z","event_count":5})"},
        std::string{R"({"id":"s","synced_events":"5"})"}, std::string{R"(["synced_events",5])"},
        std::string{R"({"synced_events":5)"}, std::string{R"({"id":"s","synced_events":-5})"}}) {
    const Loss loss;
    write_text(loss.file(), text);
    loss.cut(3);
    Store store = loss.opened();
    CHECK_FALSE(read_events(store, "s").error);
    CHECK(store.append("s", {.type = "x"}));
  }
}

TEST_CASE("whatever refreshes a session file keeps its count of synced events") {
  const Loss loss;
  {
    Store store = loss.opened(Durability::none);
    REQUIRE(store.append("s", {.type = "x"}));
  }
  CHECK(loss.synced() == 5);
  const std::string text = read_text(loss.file());
  SessionView view;
  CHECK(read_plain_session(text, view));
  CHECK(view.event_count == 6);
}

TEST_CASE("a new data folder keeps git from converting its logs, a read one does not change") {
  const Loss loss;
  const fs::path attributes = loss.file().parent_path().parent_path() / ".gitattributes";
  CHECK(read_text(attributes) == "* -text\n");
  // A folder of the Go library's gets it with its first append.
  fs::remove(attributes);
  fs::remove(attributes.parent_path() / "agentstore.json");
  Store store = loss.opened();
  REQUIRE(store.verify("s"));
  CHECK_FALSE(fs::exists(attributes));
  REQUIRE(store.append("s", {.type = "x"}));
  CHECK(read_text(attributes) == "* -text\n");
  REQUIRE(store.close());
  // What a user wrote stays.
  write_text(attributes, "mine\n");
  fs::remove(attributes.parent_path() / "agentstore.json");
  Store again = loss.opened();
  REQUIRE(again.append("s", {.type = "x"}));
  CHECK(read_text(attributes) == "mine\n");
}

TEST_SUITE_END();

}  // namespace agentstore
