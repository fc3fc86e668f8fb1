// What is a database's own: rows beside lines, ids over all sessions, what others write.

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <mutex>
#include <set>
#include <thread>

#include "agentstore/store.hpp"
#include "support/events.hpp"
#include "support/lines.hpp"

namespace agentstore {
namespace {

using test::at_second;
using test::code_of;
using test::read_events;
using test::TempFolder;

/// A database in a folder of its own.
struct Place {
  TempFolder folder;
  std::string file = (folder / "data.db").string();

  Store open(StoreOptions options = {}) const {
    auto store = Store::open("sqlite:" + file, std::move(options));
    REQUIRE(store);
    return std::move(*store);
  }
  /// As another program.
  void run(const std::string& sql) const {
    sqlite3* connection = nullptr;
    REQUIRE(sqlite3_open(file.c_str(), &connection) == SQLITE_OK);
    CHECK_MESSAGE(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK,
                  sqlite3_errmsg(connection));
    sqlite3_close(connection);
  }
};

auto lines_from(const std::vector<std::string>& lines) {
  return [&lines, at = std::size_t{0}]() mutable -> Result<std::optional<std::string_view>> {
    if (at == lines.size()) return std::nullopt;
    const std::string& line = lines[at++];
    return std::string_view{line}.substr(0, line.size() - 1);
  };
}

Session session_called(const std::string& id) {
  return {.id = id, .name = {}, .labels = {}, .created_at = at_second(0), .updated_at = {}};
}

}  // namespace

TEST_SUITE_BEGIN("sqlite");

TEST_CASE("what was stored is there when the database is opened again") {
  const Place place;
  std::string head;
  {
    Store store = place.open();
    REQUIRE(store.create_session({.id = "s", .name = "n", .labels = {{"k", "v"}}}));
    const Draft two[] = {{.type = "x", .payload = R"({"n":9007199254740993,"t":"\ud800 é"})"},
                         {.type = "y", .timestamp = Timestamp{1'772'884'800, 123'456'789}}};
    head = store.append("s", two)->back().hash.hex();
    REQUIRE(store.close());
  }
  const Store store = place.open({.create = false});
  const auto session = store.session("s");
  CHECK(session->name == "n");
  CHECK(session->labels == Labels{{"k", "v"}});
  CHECK(session->event_count == 2);
  CHECK(session->updated_at == Timestamp{1'772'884'800, 123'456'789});
  const auto kept = read_events(store, "s");
  CHECK(kept.events[0].payload == R"({"n":9007199254740993,"t":"\ud800 é"})");
  CHECK(kept.events[1].hash == head);
  CHECK(store.verify("s")->head == head);
}

TEST_CASE("a log of many blocks is read as one, from anywhere") {
  const Place place;
  Store store = place.open({.durability = Durability::none, .snapshot_interval = 0});
  REQUIRE(store.create_session({.id = "s"}));
  std::vector<Draft> drafts;
  for (int i = 0; i < 3000; ++i)
    drafts.push_back(
        {.type = "x", .payload = "\"" + std::string(static_cast<std::size_t>(i), 'a') + "\""});
  drafts.push_back({.type = "long", .payload = "\"" + std::string(3 << 20, 'b') + "\""});
  drafts.push_back({.type = "last"});
  REQUIRE(store.append("s", drafts));
  CHECK(read_events(store, "s").events.size() == drafts.size());
  CHECK(store.verify("s")->verdict == Verdict::clean);
  for (const std::uint64_t number :
       {std::uint64_t{1}, std::uint64_t{1500}, std::uint64_t{3001}, std::uint64_t{3002}}) {
    const auto one = read_events(store, "s", {.filter = {.from_seq = number, .to_seq = number}});
    REQUIRE(one.events.size() == 1);
    CHECK(one.events[0].payload.size() ==
          (drafts[number - 1].payload.empty() ? 2 : drafts[number - 1].payload.size()));
  }
  CHECK(read_events(store, "s", {.filter = {.newest = 1}}).events.at(0).type == "last");
  // What a redaction shortens moves all that is behind it.
  REQUIRE(store.redact("s", 2900, "asked for"));
  CHECK(store.verify("s")->verdict == Verdict::clean);
  CHECK(read_events(store, "s", {.filter = {.newest = 2}}).events.at(0).type == "last");
  const auto late = read_events(store, "s", {.filter = {.from_seq = 2950, .to_seq = 2950}});
  CHECK(late.events.at(0).payload == drafts[2949].payload);
}

TEST_CASE("rows of a long log that somebody changed are findings, however long they are then") {
  for (const std::string change :
       {R"(UPDATE events SET data = '"short"' WHERE version = 1500)",
        R"(UPDATE events SET data = data || '               ' WHERE version = 1500)",
        R"(UPDATE events SET data = replace(data, 'a', 'b') WHERE version = 1500)",
        "DELETE FROM events WHERE version = 1500", "DELETE FROM events WHERE version > 1500",
        "DELETE FROM agentstore_seals WHERE version = 1500",
        "UPDATE agentstore_seals SET end_bytes = end_bytes + 1 WHERE version > 1500"}) {
    CAPTURE(change);
    const Place place;
    Store store = place.open({.durability = Durability::none, .snapshot_interval = 0});
    REQUIRE(store.create_session({.id = "s"}));
    const Draft draft{.type = "x", .payload = "\"" + std::string(1500, 'a') + "\""};
    for (int i = 0; i < 30; ++i) REQUIRE(store.append("s", std::vector<Draft>(100, draft)));
    place.run(change);
    const auto verified = store.verify("s");
    // Places only say where to look.
    const bool of_places = change.find("end_bytes") != change.npos;
    CHECK((verified->finding_count == 0) == of_places);
    CHECK((verified->verdict == Verdict::clean) == of_places);
    const auto before = read_events(store, "s", {.filter = {.to_seq = 1400}});
    CHECK(before.events.size() == 1400);
    CHECK_FALSE(before.error);
    const auto all = read_events(store, "s");
    CHECK(all.error.has_value() != of_places);
    CHECK(all.events.size() >= 1500 - 100);
  }
}

TEST_CASE("an id that two sessions of other stores share is kept beside a longer one") {
  const Place place;
  Store store = place.open();
  for (const std::string id : {"a", "b"}) {
    test::LogBuilder log{id};
    log.go_line();
    log.write(2);
    const auto lines = test::lines_of(log.text());
    const auto imported = store.import_session(session_called(id), lines_from(lines));
    REQUIRE(imported);
    const auto kept = read_events(store, id);
    REQUIRE(kept.events.size() == lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) CHECK(kept.events[i].line + "\n" == lines[i]);
    CHECK(store.verify(id)->finding_count == 0);
    CHECK(kept.events[0].event_id.empty());
    CHECK(kept.events[1].event_id == "e2");
    // As in a folder, the same event again is one.
    const Draft known{.type = "user_message", .payload = R"({"n":1})", .event_id = "e3"};
    CHECK(store.append(id, known)->sequence_number == 3);
    CHECK(store.import_session(session_called(id), lines_from(lines))->already == 3);
  }
  CHECK(store.append("b", {.type = "x", .event_id = "e9"})->sequence_number == 4);
  CHECK(code_of(store.append("a", {.type = "x", .event_id = "e9"})) == Code::conflict);
  CHECK(store.append("a", {.type = "x", .event_id = "b/e2"})->event_id == "b/e2");
  CHECK(store.append("a", {.type = "x", .event_id = "b/e2"})->duplicate);
  CHECK(store.verify("a")->finding_count == 0);
}

TEST_CASE("lines of any spelling are kept, and a row that is changed is a finding all the same") {
  const Place place;
  Store store = place.open();
  const std::vector<std::string> lines = {
      R"({ "type":"x", "session_id":"s","sequence_number":1,"timestamp":"2026-03-07T13:00:00+01:00"})"
      "\n",
      R"({"session_id":"s","sequence_number":2,"type":"a\u0000b\ud800","payload":{"a" : [1, 2]},)"
      R"("timestamp":"2026-03-07T12:00:00.123456789Z","metadata":null,"other":1})"
      "\n"};
  REQUIRE(store.import_session(session_called("s"), lines_from(lines)));
  REQUIRE(store.append("s", {.type = "x"}));
  const auto kept = read_events(store, "s");
  REQUIRE(kept.events.size() == 3);
  for (std::size_t i = 0; i < lines.size(); ++i) CHECK(kept.events[i].line + "\n" == lines[i]);
  CHECK(store.verify("s")->verdict == Verdict::clean);
  place.run(R"(UPDATE events SET data = '{"a":[1,3]}' WHERE version = 1)");
  CHECK(store.verify("s")->verdict == Verdict::damaged);
}

TEST_CASE("a reader goes on where rows of another program are new, and behind a redaction") {
  const Place place;
  Store store = place.open();
  REQUIRE(store.create_session({.id = "s"}));
  REQUIRE(store.append("s", {.type = "x", .payload = R"("secret")"}));
  const auto reader = store.read("s");
  REQUIRE(reader);
  CHECK(test::drain(**reader).events.size() == 1);
  place.run(
      "INSERT INTO events (event_id, stream_id, stream_type, event_type, version, data, metadata, "
      "occurred_at) VALUES ('r', 's', 'agent', 'y', 1, '{\"a\": 1}', '{}', '2026-03-07')");
  CHECK((*reader)->poll() == true);
  const auto more = test::drain(**reader);
  REQUIRE(more.events.size() == 1);
  CHECK(more.events[0].event_id == "r");
  CHECK(more.events[0].payload == R"({"a":1})");
  CHECK(more.events[0].hash.empty());
  REQUIRE(store.redact("s", 1, "asked for"));
  CHECK((*reader)->poll() == true);
  CHECK(test::drain(**reader).numbers() == std::vector<std::uint64_t>{3});
  CHECK(read_events(store, "s").events[0].payload == "null");
  CHECK(store.verify("s")->verdict == Verdict::clean);
}

TEST_CASE("ten thousand sessions are listed, found and read together") {
  const Place place;
  Store store = place.open({.durability = Durability::none, .snapshot_interval = 0});
  for (int i = 0; i < 10'000; ++i) {
    const std::string id = "s" + std::to_string(i);
    REQUIRE(store.create_session({.id = id, .name = i == 777 ? "lucky" : ""}));
    if (i % 100 == 0) REQUIRE(store.append(id, {.type = "x", .timestamp = at_second(i)}));
  }
  CHECK(store.sessions()->size() == 10'000);
  CHECK(store.sessions({.called = "lucky"})->at(0).id == "s777");
  CHECK(store.sessions({.limit = 2, .by_last_event = true})->size() == 2);
  const auto reader = store.read_all();
  REQUIRE(reader);
  CHECK(test::drain(**reader).events.size() == 100);
}

TEST_CASE("of several stores and threads at work on one session, each gets its own numbers") {
  const Place place;
  Store first = place.open();
  REQUIRE(first.create_session({.id = "s"}));
  Store second = place.open();
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::set<std::uint64_t> numbers;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        const auto receipt = (t % 2 == 0 ? first : second).append("s", {.type = "x"});
        const std::lock_guard guard{mutex};
        if (receipt) numbers.insert(receipt->sequence_number);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(numbers.size() == 100);
  CHECK(*numbers.rbegin() == 100);
  CHECK(first.verify("s")->finding_count == 0);
}

TEST_SUITE_END();

}  // namespace agentstore
