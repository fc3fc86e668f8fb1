// Readers that look again: at logs that grow, are cut, repaired, and replaced.

#include <doctest/doctest.h>

#include <random>

#include "support/events.hpp"
#include "support/lines.hpp"
#include "support/seed.hpp"

namespace agentstore {
namespace {

using test::append_text;
using test::drain;
using test::LogBuilder;
using test::TempFolder;
using test::write_text;
using Numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_SUITE_BEGIN("reader");

TEST_CASE("a follower gives what is appended, once, and half a write only when it is whole") {
  const TempFolder folder;
  LogBuilder log;
  const std::string first = log.write();
  const std::string second = log.write(2);
  const auto path = folder / "s.jsonl";
  write_text(path, first);
  auto reader = read_log(path);
  REQUIRE(reader);
  CHECK(drain(**reader).numbers() == Numbers{1});
  CHECK((*reader)->poll() == false);
  append_text(path, second.substr(0, 100));
  CHECK((*reader)->poll() == true);
  CHECK(drain(**reader).events.empty());
  append_text(path, second.substr(100));
  CHECK((*reader)->poll() == true);
  CHECK(drain(**reader).numbers() == Numbers{2, 3});
  append_text(path, log.write());
  CHECK((*reader)->poll() == true);
  CHECK(drain(**reader).numbers() == Numbers{4});
  CHECK((*reader)->report().verdict == Verdict::clean);
}

TEST_CASE("a log that was replaced goes on behind the event that was given last") {
  const TempFolder folder;
  LogBuilder log;
  for (int i = 0; i < 3; ++i) log.write();
  const std::string three = log.text();
  for (int i = 0; i < 7; ++i) log.write();
  const auto path = folder / "s.jsonl";
  write_text(path, three);
  auto reader = read_log(path, {.filter = {.types = {"user_message"}}});
  REQUIRE(reader);
  CHECK(drain(**reader).numbers() == Numbers{1, 2, 3});
  write_text(folder / "new", log.text());
  std::filesystem::rename(folder / "new", path);
  CHECK((*reader)->poll() == true);
  CHECK(drain(**reader).numbers() == Numbers{4, 5, 6, 7, 8, 9, 10});
  append_text(path, log.write());
  CHECK((*reader)->poll() == true);
  CHECK(drain(**reader).numbers() == Numbers{11});
}

TEST_CASE("a log that was replaced by another history is corrupt, however long it is") {
  const TempFolder folder;
  const auto path = folder / "s.jsonl";
  for (const int length : {2, 3, 5}) {
    CAPTURE(length);
    LogBuilder log;
    LogBuilder other;
    for (int i = 0; i < 3; ++i) log.write();
    for (int i = 0; i < length; ++i) other.write(1, R"({"other":1})");
    write_text(path, log.text());
    auto reader = read_log(path);
    REQUIRE(reader);
    CHECK(drain(**reader).numbers() == Numbers{1, 2, 3});
    write_text(folder / "new", other.text());
    std::filesystem::rename(folder / "new", path);
    const auto again = (*reader)->poll();
    REQUIRE_FALSE(again);
    CHECK(again.error().code == Code::corrupt);
  }
}

TEST_CASE("a log that was cut behind what was given goes on, and before it is corrupt") {
  const TempFolder folder;
  const auto path = folder / "s.jsonl";
  LogBuilder log;
  log.write();
  log.write();
  const std::string two = log.text();
  write_text(path, two + "a torn end that is rather long");
  auto reader = read_log(path);
  REQUIRE(reader);
  CHECK(drain(**reader).numbers() == Numbers{1, 2});
  write_text(path, two);
  CHECK((*reader)->poll());
  CHECK(drain(**reader).events.empty());
  append_text(path, log.write());
  CHECK((*reader)->poll() == true);
  CHECK(drain(**reader).numbers() == Numbers{3});
  std::filesystem::resize_file(path, log.ends()[0]);
  const auto cut = (*reader)->poll();
  REQUIRE_FALSE(cut);
  CHECK(cut.error().code == Code::corrupt);
}

TEST_CASE("a follower survives the repair of a torn end") {
  const TempFolder folder;
  auto store = Store::open(folder / "data");
  REQUIRE(store);
  REQUIRE(store->create_session({.id = "s"}));
  REQUIRE(store->append("s", {.type = "x"}));
  REQUIRE(store->close());
  const auto path = folder / "data/events/s.jsonl";
  for (const std::size_t torn_bytes : {std::size_t{10}, std::size_t{5'000}}) {
    CAPTURE(torn_bytes);
    auto next = Store::open(folder / "data");
    REQUIRE(next);
    const auto events = next->session("s")->event_count;
    append_text(path, R"({"session_id":"s","sequence_number":)" + std::to_string(events + 1) +
                          R"(,"type":")" + std::string(torn_bytes, 'x'));
    auto reader = next->read("s");
    REQUIRE(reader);
    const auto before = drain(**reader);
    CHECK(before.report.verdict == Verdict::torn);
    const auto receipt = next->append("s", {.type = "x"});
    REQUIRE(receipt);
    CHECK((*reader)->poll() == true);
    CHECK(drain(**reader).numbers() ==
          Numbers{receipt->sequence_number - 1, receipt->sequence_number});
  }
}

TEST_CASE("a log given by path counts a last line without a newline, unless it is sealed") {
  const TempFolder folder;
  const auto path = folder / "s.jsonl";
  LogBuilder go;
  go.go_line();
  go.go_line();
  write_text(path, go.text().substr(0, go.text().size() - 1));
  auto reader = read_log(path);
  REQUIRE(reader);
  const auto kept = drain(**reader);
  CHECK(kept.numbers() == Numbers{1, 2});
  CHECK(kept.report.verdict == Verdict::unsealed);
  CHECK(verify_log(path)->events == 2);

  // Its newline, and more, come later.
  append_text(path, "\n" + go.go_line());
  CHECK((*reader)->poll() == true);
  const auto more = drain(**reader);
  CHECK_FALSE(more.error);
  CHECK(more.numbers() == Numbers{3});

  LogBuilder sealed;
  sealed.write();
  sealed.write();
  write_text(path, sealed.text().substr(0, sealed.text().size() - 1));
  auto torn = read_log(path);
  REQUIRE(torn);
  CHECK(drain(**torn).numbers() == Numbers{1});
  CHECK(verify_log(path)->verdict == Verdict::torn);
}

TEST_CASE("lines taken out of a log are an extract, read in order, by parts and from its end") {
  const auto seed = static_cast<unsigned>(test::seed());
  CAPTURE(seed);
  std::mt19937 random{seed};
  const TempFolder folder;
  const auto path = folder / "s.jsonl";
  LogBuilder log;
  for (int i = 0; i < 60; ++i) log.write(1 + random() % 5);
  for (int round = 0; round < 50; ++round) {
    CAPTURE(round);
    Numbers kept;
    std::string text;
    std::size_t begin = 0;
    for (std::uint64_t number = 1; number <= log.events(); ++number) {
      const std::size_t end = log.text().find('\n', begin) + 1;
      if (random() % 4 < 1U + static_cast<unsigned>(round % 3)) {
        kept.push_back(number);
        text += log.text().substr(begin, end - begin);
      }
      begin = end;
    }
    if (kept.empty() || kept.size() == log.events()) continue;
    write_text(path, text);
    const auto read = drain(**read_log(path));
    CHECK_FALSE(read.error);
    CHECK(read.numbers() == kept);
    CHECK(read.report.verdict == Verdict::extract);
    CHECK(read.report.absent.ranges.size() > 0);
    CHECK(read.report.last_sequence_number == kept.back());
    const auto verified = verify_log(path);
    REQUIRE(verified);
    CHECK(verified->verdict == Verdict::extract);
    CHECK(verified->finding_count == 0);
    CHECK(verified->absent.events == read.report.absent.events);
    CHECK(verified->root.empty());
    const auto newest = drain(**read_log(path, {.filter = {.newest = 3}})).numbers();
    const std::size_t wanted = std::min<std::size_t>(3, kept.size());
    REQUIRE(newest.size() >= wanted);
    CHECK(std::equal(kept.end() - static_cast<std::ptrdiff_t>(wanted), kept.end(),
                     newest.end() - static_cast<std::ptrdiff_t>(wanted)));
  }
}

TEST_CASE("a path that is no log is refused") {
  const TempFolder folder;
  CHECK(read_log(folder / "missing").error().code == Code::not_found);
  CHECK(verify_log(folder / "missing").error().code == Code::not_found);
  CHECK(read_log(folder.path()).error().code == Code::io);
}

TEST_CASE("verdicts have the words of the format") {
  CHECK(to_string(Verdict::clean) == "clean");
  CHECK(to_string(Verdict::in_flight) == "in_flight");
  CHECK(to_string(Verdict::damaged) == "damaged");
  CHECK(to_string(Verdict::lost) == "lost");
}

TEST_SUITE_END();

}  // namespace agentstore
