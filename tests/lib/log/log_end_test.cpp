#include "log/log_end.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>

#include "support/fault_system.hpp"
#include "support/writer.hpp"

namespace agentstore::log {
namespace {

using test::FaultSystem;
using test::LogBuilder;
using test::read_text;
using test::WriterFolder;

// The end of a log in a folder of its own: no lock, no thread.
struct Bench {
  explicit Bench(const WriterOptions& the_options, System& system = linux_system())
      : options(the_options), quarantine(system, options), end(system, options, quarantine) {}

  const WriterOptions options;
  Quarantine quarantine;
  LogEnd end;
};

Write write_at(LogEnd& end, std::string_view payload = R"({"n":1})") {
  return assemble_own("agentstore.redacted", payload, end.context());
}

LogBuilder two_writes() {
  LogBuilder log;
  log.write();
  log.write(2);
  return log;
}

}  // namespace

TEST_SUITE_BEGIN("log end");

TEST_CASE("the end of a missing log is its beginning, and the log is made") {
  const WriterFolder folder;
  Bench bench{folder.options()};
  CHECK(bench.end.catch_up() == true);
  CHECK(bench.end.position().sequence_number == 0);
  CHECK(read_text(folder.log()).empty());
  REQUIRE(bench.end.write(write_at(bench.end)) == true);
  CHECK(bench.end.position().sequence_number == 1);
  CHECK(bench.end.synced_events() == 1);
  CHECK(bench.end.position().offset_bytes == read_text(folder.log()).size());
}

TEST_CASE("a log that is as it was left needs no look; one that grew is looked at") {
  const WriterFolder folder;
  LogBuilder log = two_writes();
  test::write_text(folder.log(), log.text());
  Bench bench{folder.options()};
  CHECK(bench.end.catch_up() == true);
  CHECK(bench.end.position().sequence_number == 3);
  CHECK(bench.end.position().head == log.head());
  CHECK(bench.end.catch_up() == false);
  test::append_text(folder.log(), log.write());
  CHECK(bench.end.catch_up() == true);
  CHECK(bench.end.position().sequence_number == 4);
  bench.end.forget();
  CHECK(bench.end.catch_up() == true);
  CHECK(bench.end.position().head == log.head());
}

TEST_CASE("an append trusts the last write; who reads all finds the damage before it") {
  const WriterFolder folder;
  auto lines = test::lines_of(two_writes().text());
  test::write_text(folder.log(),
                   test::replaced(lines[0], "user_message", "user_massage") + lines[1] + lines[2]);
  Bench bench{folder.options()};
  CHECK(bench.end.catch_up() == true);
  Bench thorough{folder.options()};
  const auto refused = thorough.end.catch_up({.read_all = true});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::corrupt);
}

TEST_CASE("a torn write is cut off, kept, and told of in the log and to its owner") {
  const WriterFolder folder;
  const LogBuilder log = two_writes();
  const std::string torn = R"({"session_id":"s","sequence_number":4,"ty)";
  test::write_text(folder.log(), log.text() + torn);
  std::vector<std::string> notices;
  WriterOptions options = folder.options();
  options.on_notice = [&](const std::string& text) { notices.push_back(text); };
  Bench bench{options};
  CHECK(bench.end.catch_up() == true);
  CHECK(bench.end.position().sequence_number == 4);
  CHECK(folder.quarantined() == std::vector{torn});
  CHECK(read_text(folder.log()).find("agentstore.log_repaired") != std::string::npos);
  REQUIRE(notices.size() == 1);
  CHECK(notices[0].starts_with("session s: the log ended in 41 bytes"));
}

TEST_CASE("a log that is shorter than what is said beside it is refused until that is accepted") {
  const WriterFolder folder;
  test::write_text(folder.log(), two_writes().text());
  WriterOptions options = folder.options();
  options.synced_events = [] { return Result<std::uint64_t>{5}; };
  Bench bench{options};
  for (int i = 0; i < 2; ++i) {
    const auto refused = bench.end.catch_up();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::corrupt);
  }
  CHECK(bench.end.catch_up({.accept_loss = true}) == true);
  CHECK(bench.end.position().sequence_number == 3);
}

TEST_CASE("a write that fails is taken back, and the end stays usable") {
  const WriterFolder folder;
  FaultSystem system;
  Bench bench{folder.options(), system};
  REQUIRE(bench.end.catch_up());
  REQUIRE(bench.end.write(write_at(bench.end)));
  const std::string before = read_text(folder.log());
  system.only = "write";
  system.fail_at(1, ENOSPC, 50);
  const auto refused = bench.end.write(write_at(bench.end));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::io);
  CHECK(read_text(folder.log()) == before);
  CHECK_FALSE(bench.end.poisoned());
  CHECK(bench.end.write(write_at(bench.end)) == true);
  CHECK(test::verify(read_text(folder.log())).events == 2);
}

TEST_CASE("a failed sync poisons the end for good") {
  const WriterFolder folder;
  FaultSystem system;
  Bench bench{folder.options(), system};
  REQUIRE(bench.end.catch_up());
  system.only = "sync";
  system.fail_at(1, EIO);
  CHECK_FALSE(bench.end.write(write_at(bench.end)));
  CHECK(bench.end.poisoned());
  const auto refused = bench.end.catch_up();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::io);
  CHECK(read_text(folder.log()).empty());
}

TEST_CASE("what was assembled before somebody wrote without the lock is not stored") {
  const WriterFolder folder;
  Bench bench{folder.options()};
  REQUIRE(bench.end.catch_up());
  LogBuilder other;
  const Write ours = write_at(bench.end);
  test::write_text(folder.log(), other.go_line());
  CHECK(bench.end.write(ours) == false);
  CHECK(read_text(folder.log()) == other.text());
  CHECK(bench.end.catch_up() == true);
  CHECK(bench.end.position().sequence_number == 1);
}

TEST_CASE("a log that is replaced is looked at anew; one that changed meanwhile is not replaced") {
  const WriterFolder folder;
  Bench bench{folder.options()};
  test::write_text(folder.log(), two_writes().text());
  REQUIRE(bench.end.catch_up());
  LogBuilder other;
  other.write(7);
  const Path temp = folder.log().string() + ".new";
  test::write_text(temp, other.text());
  const auto file = open_file(linux_system(), temp, O_RDWR);
  REQUIRE(file);
  REQUIRE(bench.end.replace(temp, *file));
  CHECK(bench.end.catch_up() == true);
  CHECK(bench.end.position().sequence_number == 7);

  test::write_text(temp, other.text());
  test::append_text(folder.log(), "intruder\n");
  const auto again = open_file(linux_system(), temp, O_RDWR);
  REQUIRE(again);
  const auto refused = bench.end.replace(temp, *again);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::busy);
}

TEST_CASE("events are found by their ids, those that were written since included") {
  const WriterFolder folder;
  LogBuilder log = two_writes();
  test::write_text(folder.log(), log.text());
  Bench bench{folder.options()};
  REQUIRE(bench.end.catch_up());
  CHECK(bench.end.find_event("e2").value()->sequence_number == 2);
  CHECK_FALSE(bench.end.find_event("e4").value());
  test::append_text(folder.log(), log.write());
  REQUIRE(bench.end.catch_up());
  CHECK(bench.end.find_event("e4").value()->sequence_number == 4);
}

TEST_SUITE_END();

}  // namespace agentstore::log
