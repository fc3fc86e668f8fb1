// What is PostgreSQL's own: addresses, arrays, transactions of threads, lost connections. What
// needs a server runs where there is one.

#include "support/postgres.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <set>
#include <thread>

#include "agentstore/store.hpp"
#include "backends/postgres_address.hpp"
#include "backends/postgres_database.hpp"
#include "support/events.hpp"

namespace agentstore {
namespace test {

bool has_postgres() {
  return std::getenv("AGENTSTORE_TEST_POSTGRES") != nullptr;
}

std::string empty_postgres_store() {
  const std::string address =
      std::string{std::getenv("AGENTSTORE_TEST_POSTGRES")} + "&schema=conformance";
  static bool made = false;
  if (!made) {
    REQUIRE(Store::open(address));
    made = true;
    return address;
  }
  const auto database = PostgresDatabase::open(address, {}, nullptr);
  REQUIRE(database);
  const auto emptied = (*database)->look([](PostgresConnection& connection) {
    return connection.run_all(
        "TRUNCATE conformance.sessions, conformance.events, conformance.snapshots, "
        "conformance.checkpoints, conformance.quarantine");
  });
  REQUIRE(emptied);
  return address;
}

}  // namespace test

namespace {

using test::code_of;

/// The connection of another program.
std::unique_ptr<PostgresDatabase> other_program() {
  auto database = PostgresDatabase::open(
      std::string{std::getenv("AGENTSTORE_TEST_POSTGRES")} + "&schema=conformance", {}, nullptr);
  REQUIRE(database);
  return std::move(*database);
}

void run(PostgresDatabase& database, const char* statements) {
  const auto done =
      database.look([&](PostgresConnection& connection) { return connection.run_all(statements); });
  CHECK_MESSAGE(done, (done ? "" : done.error().message));
}

}  // namespace

TEST_SUITE_BEGIN("postgres");

TEST_CASE("a password is shown in no name of a store") {
  CHECK(without_password("postgresql://u:secret@h:5432/d?schema=s") ==
        "postgresql://u@h:5432/d?schema=s");
  CHECK(without_password("postgres://u:se?cr@t@h/d") == "postgres://u@h/d");
  CHECK(without_password("postgresql://u@h/d?password=x&host=/tmp&sslpassword=y") ==
        "postgresql://u@h/d?host=/tmp");
  CHECK(without_password("postgresql://u@h/d?passw%6frd=x&host=/tmp") ==
        "postgresql://u@h/d?host=/tmp");
  CHECK(without_password("postgresql://h1:1,h2:2/d?target_session_attrs=read-write") ==
        "postgresql://h1:1,h2:2/d?target_session_attrs=read-write");
  CHECK(without_password("sqlite:u:p@x") == "sqlite:u:p@x");
  CHECK(is_postgres_address("postgres:///d"));
  CHECK_FALSE(is_postgres_address("./postgres"));
}

TEST_CASE("texts and bytes are elements of an array, whatever they hold") {
  CHECK(PostgresArray{}.text() == "{}");
  CHECK(PostgresArray{}.add("").add_null().add("a\"b\\c,{}").text() ==
        "{\"\",NULL,\"a\\\"b\\\\c,{}\"}");
  CHECK(PostgresArray{}.add_bytes({"\0\xff", 2}).add(std::int64_t{-5}).text() ==
        "{\"\\\\x00ff\",\"-5\"}");
}

TEST_CASE("an address says which schema, and what is wrong with it without its password") {
  if (!test::has_postgres()) return;
  const auto address = PostgresAddress::parse("postgresql://u:word@h1,h2:2/d?schema=a_B&port=7");
  REQUIRE(address);
  CHECK(address->schema == "a_B");
  CHECK(address->parameter("password") == "word");
  CHECK(address->parameter("schema").empty());
  CHECK(address->names_several());
  CHECK(!address->follows_primary());
  CHECK(PostgresAddress::parse("postgresql://h1,h2/d?target_session_attrs=read-write")
            ->follows_primary());
  CHECK(address->without_secrets("the word") == "the ***");
  for (const char* const bad :
       {"postgresql://u:word@h/d?schema=a\"b",
        "postgresql://u:word@h/d?schema=", "postgresql://u:word@h/d?schema=pg_x",
        "postgresql://u:word@h/d?x=%zz", "postgresql://u:word@h:/d?nonsense=1"}) {
    CAPTURE(bad);
    const auto refused = PostgresAddress::parse(bad);
    CHECK(code_of(refused) == Code::invalid);
    CHECK((refused ? "" : refused.error().message).find("word") == std::string::npos);
  }
}

TEST_CASE("threads that append at once share commits, and each has its numbers") {
  if (!test::has_postgres()) return;
  auto store = Store::open(test::empty_postgres_store(), {.snapshot_interval = 0});
  REQUIRE(store);
  REQUIRE(store->create_session({.id = "hot"}));
  constexpr int threads = 8;
  constexpr int events = 20;
  std::atomic<int> conflicts = 0;
  std::vector<std::thread> writers;
  for (int thread = 0; thread < threads; ++thread)
    writers.emplace_back([&, thread] {
      for (int i = 0; i < events; ++i) {
        const std::string id = std::to_string(thread) + "/" + std::to_string(i);
        const Draft two[] = {{.type = "x", .event_id = id}, {.type = "y"}};
        if (const auto done = store->append("hot", two); !done || done->size() != 2) ++conflicts;
        if (code_of(store->append("hot", {.type = "z"}, {.expected_version = 1})) != Code::conflict)
          ++conflicts;
      }
    });
  for (std::thread& writer : writers) writer.join();
  CHECK(conflicts == 0);
  CHECK(store->session("hot")->event_count == threads * events * 2);
  CHECK(store->verify("hot")->verdict == Verdict::clean);
}

TEST_CASE("an append whose connection is cut is there once, and acknowledged") {
  if (!test::has_postgres()) return;
  auto store = Store::open(test::empty_postgres_store(), {.snapshot_interval = 0});
  REQUIRE(store);
  REQUIRE(store->create_session({.id = "s"}));
  const auto other = other_program();
  for (int i = 0; i < 5; ++i) {
    run(*other,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'agentstore' AND pid <> pg_backend_pid()");
    const auto receipt = store->append("s", {.type = "x", .event_id = "e" + std::to_string(i)});
    REQUIRE(receipt);
    CHECK(receipt->sequence_number == static_cast<std::uint64_t>(i) + 1);
    CHECK_FALSE(receipt->duplicate);
  }
  CHECK(store->verify("s")->events == 5);
}

TEST_CASE("rows that somebody changed, or took away, are findings") {
  if (!test::has_postgres()) return;
  for (const char* const change :
       {"UPDATE conformance.events SET payload = '{\"n\":2}' WHERE sequence_number = 2",
        "UPDATE conformance.events SET event_type = 'y' WHERE sequence_number = 2",
        "UPDATE conformance.events SET metadata = '{\"k\":1}' WHERE sequence_number = 2",
        "UPDATE conformance.events SET event_time = '2026-03-01T00:00:00.000000000Z' WHERE "
        "sequence_number = 2",
        "UPDATE conformance.events SET payload = E'\\n' WHERE sequence_number = 2",
        "UPDATE conformance.events SET hash = prev WHERE sequence_number = 3",
        "UPDATE conformance.events SET salt = NULL WHERE sequence_number = 1",
        "UPDATE conformance.events SET sequence_number = 9 WHERE sequence_number = 3",
        "DELETE FROM conformance.events WHERE sequence_number = 2",
        "DELETE FROM conformance.events WHERE sequence_number = 3",
        "DELETE FROM conformance.events"}) {
    CAPTURE(change);
    auto store = Store::open(test::empty_postgres_store(), {.snapshot_interval = 0});
    REQUIRE(store);
    REQUIRE(store->create_session({.id = "s"}));
    for (int i = 0; i < 3; ++i) REQUIRE(store->append("s", {.type = "x", .payload = "{\"n\":1}"}));
    run(*other_program(), change);
    const auto found = store->verify("s");
    REQUIRE(found);
    CHECK(found->verdict != Verdict::clean);
    CHECK(found->finding_count > 0);
  }
}

TEST_CASE("events that are gone are lost until that is accepted; then it goes on") {
  if (!test::has_postgres()) return;
  auto store = Store::open(test::empty_postgres_store(), {.snapshot_interval = 0});
  REQUIRE(store);
  REQUIRE(store->create_session({.id = "s"}));
  REQUIRE(store->append("s", {.type = "a"}));
  const Draft three[] = {{.type = "b"}, {.type = "c"}, {.type = "d"}};
  REQUIRE(store->append("s", three));
  run(*other_program(), "DELETE FROM conformance.events WHERE sequence_number = 4");
  CHECK(store->verify("s")->verdict == Verdict::lost);
  CHECK(code_of(store->append("s", {.type = "x"})) == Code::corrupt);
  CHECK(code_of(store->repair("s")) == Code::corrupt);
  const auto repaired = store->repair("s", {.accept_loss = true});
  REQUIRE(repaired);
  CHECK(repaired->events == 1);  // of a write that is not whole nothing stays
  CHECK(store->append("s", {.type = "x"})->sequence_number == 2);
  CHECK(store->verify("s")->verdict == Verdict::clean);
}

TEST_CASE("a log of many blocks is read as one, from anywhere, and redacted in its middle") {
  if (!test::has_postgres()) return;
  auto store = Store::open(test::empty_postgres_store(), {.snapshot_interval = 0});
  REQUIRE(store);
  REQUIRE(store->create_session({.id = "s"}));
  std::vector<Draft> drafts;
  for (int i = 0; i < 3000; ++i)
    drafts.push_back(
        {.type = "x", .payload = "\"" + std::string(static_cast<std::size_t>(i), 'a') + "\""});
  drafts.push_back({.type = "long", .payload = "\"" + std::string(3 << 20, 'b') + "\""});
  drafts.push_back({.type = "last"});
  REQUIRE(store->append("s", drafts));
  CHECK(test::read_events(*store, "s").events.size() == drafts.size());
  CHECK(store->verify("s")->verdict == Verdict::clean);
  for (const std::uint64_t number : {1U, 1500U, 3001U, 3002U}) {
    const auto one =
        test::read_events(*store, "s", {.filter = {.from_seq = number, .to_seq = number}});
    REQUIRE(one.events.size() == 1);
    CHECK(one.events[0].sequence_number == number);
  }
  CHECK(test::read_events(*store, "s", {.filter = {.newest = 1}}).events.at(0).type == "last");
  const std::uint64_t several[] = {2900, 2, 1500};
  REQUIRE(store->redact("s", several, "asked for"));
  CHECK(store->verify("s")->verdict == Verdict::clean);
  const auto late = test::read_events(*store, "s", {.filter = {.from_seq = 2950, .to_seq = 2950}});
  CHECK(late.events.at(0).payload == drafts[2949].payload);
}

namespace {

/// Session "s" of several blocks: types in turn, times that run backwards now and then, one event
/// longer than a block.
Store store_of_blocks() {
  auto store = Store::open(test::empty_postgres_store(), {.snapshot_interval = 0});
  REQUIRE(store);
  REQUIRE(store->create_session({.id = "s"}));
  const char* const types[] = {"a_b", "axb", "tool_called", "tool_result", "x"};
  std::vector<Draft> drafts;
  for (int i = 0; i < 3000; ++i)
    drafts.push_back(
        {.type = types[i % 5],
         .payload = "\"" + std::string(i == 2711 ? 2 << 20 : 400, 'p') + "\"",
         .timestamp = Timestamp{1'772'884'800 + i / 4 - (i % 11 == 0 ? 5 : 0), i % 3}});
  REQUIRE(store->append("s", drafts));
  return std::move(*store);
}

std::vector<std::uint64_t> numbers_read(EventReader& reader) {
  std::vector<std::uint64_t> numbers;
  REQUIRE(for_each_event(
      reader, [&](const EventView& event) { numbers.push_back(event.sequence_number); }));
  return numbers;
}

}  // namespace

TEST_CASE("events that the server picks are those of a reader of all that pass") {
  if (!test::has_postgres()) return;
  const Store store = store_of_blocks();
  const Timestamp early{1'772'884'900, 1};
  const Timestamp late{1'772'885'100, 2};
  const Filter filters[] = {
      {.types = {"a_b"}},
      {.types = {"tool_*"}},
      {.types = {"*b"}, .not_types = {"a_*"}},
      {.not_types = {"*"}},
      {.types = {"a%", "a_\\", "\xc3\xa4*"}},
      {.not_types = {"\xc3\xa4"}},
      {.types = {"none"}},
      {.since = early},
      {.until = late},
      {.since = early, .until = late, .types = {"x", "axb"}},
      {.since = early, .before = late},
      {.until = late, .before = early},
      {.until = early, .before = late},
      {.from_seq = 2700, .to_seq = 2720},
      {.from_seq = 2999},
      {.from_seq = 4000},
      {.to_seq = 3, .types = {"axb"}},
      {.since = Timestamp{9'000'000'000, 0}},
      {.since = Timestamp{INT64_MAX, 0}},
      {.since = Timestamp{1'772'884'900, 2'000'000'000}, .types = {"x"}},
      {.since = Timestamp{INT64_MIN, 0}, .types = {"x"}},
      {.until = Timestamp{INT64_MIN, 0}},
      {.before = Timestamp{INT64_MAX, 0}, .types = {"x"}},
      {.types = {"x"},
       .predicate = [](const EventView& event) { return event.sequence_number > 9; }},
  };
  const auto all = store.events("s");
  REQUIRE(all);
  for (const Filter& filter : filters) {
    CAPTURE(&filter - filters);
    std::vector<std::uint64_t> passing;
    for (const EventView& event : *all)
      if (filter.matches(event)) passing.push_back(event.sequence_number);
    const auto reader = store.read("s", {.filter = filter});
    REQUIRE(reader);
    CHECK(numbers_read(**reader) == passing);
    CHECK((*reader)->report().verdict == Verdict::clean);
  }
  const auto some = test::read_events(store, "s", {.filter = {.types = {"x"}}});
  for (const auto& event : some.events) {
    const EventView& same = all->begin()[event.sequence_number - 1];
    CHECK(event.line == same.line);
    CHECK(event.offset_bytes == same.offset_bytes);
  }
  const auto newest = test::read_events(store, "s", {.filter = {.newest = 4, .types = {"x"}}});
  REQUIRE(newest.events.size() == 1);
  CHECK(newest.events[0].sequence_number == 3000);
}

TEST_CASE("who picks events follows the log, and types that upcasts change are not picked") {
  if (!test::has_postgres()) return;
  Store store = store_of_blocks();
  const auto reader = store.read("s", {.filter = {.from_seq = 2990, .types = {"x"}}});
  REQUIRE(reader);
  CHECK(numbers_read(**reader) == std::vector<std::uint64_t>{2990, 2995, 3000});
  CHECK_FALSE((*reader)->poll().value());
  const Draft more[] = {{.type = "x"}, {.type = "axb"}, {.type = "x"}};
  REQUIRE(store.append("s", more));
  REQUIRE((*reader)->poll().value());
  REQUIRE(store.append("s", {.type = "x"}));
  REQUIRE((*reader)->poll().value());
  CHECK(numbers_read(**reader) == std::vector<std::uint64_t>{3001, 3003, 3004});

  Upcasts upcasts;
  REQUIRE(upcasts.add("x", 1, 2, [](UpcastEvent& event) -> Result<void> {
    event.type = "renamed";
    return {};
  }));
  const auto renamed =
      test::read_events(store, "s", {.filter = {.types = {"renamed"}}, .upcasts = &upcasts});
  CHECK(renamed.events.size() == 603);
}

TEST_CASE("what is wrong with rows is said by whoever picks some of them") {
  if (!test::has_postgres()) return;
  const ReadOptions picked{.filter = {.types = {"x"}}};
  const auto code_of_reading = [&](const Store& store) {
    const auto reader = store.read("s", picked);
    if (!reader) return code_of(reader);
    return code_of(for_each_event(**reader, [](const EventView&) {}));
  };
  for (const char* const change :
       {"DELETE FROM conformance.events WHERE sequence_number = 1501",
        "DELETE FROM conformance.events WHERE sequence_number = 3000",
        "UPDATE conformance.events SET payload = '{}' WHERE sequence_number = 1500",
        "UPDATE conformance.events SET hash = prev WHERE sequence_number = 3000"}) {
    CAPTURE(change);
    const Store store = store_of_blocks();
    run(*other_program(), change);
    CHECK(code_of_reading(store) == Code::corrupt);
  }
}

TEST_SUITE_END();

}  // namespace agentstore
