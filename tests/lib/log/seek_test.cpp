// Seeking: what is read from a place that was bisected is what a reader of everything sees.

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "log/tail.hpp"
#include "support/events.hpp"
#include "support/lines.hpp"
#include "support/seed.hpp"

namespace agentstore {
namespace {

using test::drain;
using test::LogBuilder;
using test::TempFolder;
using test::write_text;

LogBuilder random_log(std::mt19937& random, bool begun_by_go) {
  LogBuilder log;
  for (int i = 0; begun_by_go && i < 300; ++i) log.go_line();
  while (log.text().size() < 400'000) {
    const std::size_t size = random() % 40 == 0 ? random() % 50'000 : random() % 300;
    const std::size_t events = random() % 4 == 0 ? 1 + random() % 60 : 1;
    log.write(events, '"' + std::string(size / events, 'x') + '"');
  }
  return log;
}

// A log, and behind it what a power cut may leave: zeros.
class ZerosBehind : public test::TextSource {
 public:
  ZerosBehind(const std::string& text, std::uint64_t zeros)
      : TextSource(text), size_bytes_(text.size() + zeros) {}
  std::uint64_t size_bytes() const override { return size_bytes_; }
  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) override {
    largest = std::max(largest, size);
    const std::size_t there = *TextSource::read_at(offset, into, size);
    const std::size_t got = std::min<std::uint64_t>(size, size_bytes_ - offset);
    std::fill(into + there, into + got, '\0');
    return got;
  }

  std::size_t largest = 0;  // of the reads

 private:
  const std::uint64_t size_bytes_;
};

}  // namespace

TEST_SUITE_BEGIN("seek");

TEST_CASE("what is no line is not kept, however long it is") {
  LogBuilder log;
  while (log.text().size() < 100'000) log.write(1);
  ZerosBehind source{log.text(), 6 * line_bytes_max};
  const auto place = log::seek(source, log.events(), "s");
  REQUIRE(place);
  CHECK(place->sequence_number < log.events());
  CHECK(source.largest < line_bytes_max);
}

TEST_CASE("a range of a log is the same, sought or scanned for") {
  const auto seed = static_cast<unsigned>(test::seed());
  CAPTURE(seed);
  std::mt19937 random{seed};
  const TempFolder folder;
  for (const bool begun_by_go : {false, true}) {
    const LogBuilder log = random_log(random, begun_by_go);
    const auto path = folder / "s.jsonl";
    write_text(path, log.text());
    const auto whole = drain(**read_log(path));
    REQUIRE(whole.events.size() == log.events());
    for (int round = 0; round < 60; ++round) {
      const std::uint64_t from = 1 + random() % (log.events() + 2);
      const std::uint64_t to = from + random() % 30;
      CAPTURE(from);
      CAPTURE(to);
      const auto part = drain(**read_log(path, {.filter = {.from_seq = from, .to_seq = to}}));
      CHECK(!part.error);
      std::size_t at = from - 1;
      for (const auto& event : part.events) {
        REQUIRE(at < whole.events.size());
        CHECK(event.line == whole.events[at].line);
        CHECK(event.offset_bytes == whole.events[at].offset_bytes);
        ++at;
      }
      CHECK(at == std::max(from - 1, std::min(to, log.events())));
    }
  }
}

TEST_CASE("the newest events are those at the end, in a log of ours and of the Go library") {
  const TempFolder folder;
  for (const bool ours : {false, true}) {
    LogBuilder log;
    for (int i = 0; i < 3000; ++i) {
      if (ours) log.write(1 + i % 3);
      else log.go_line();
    }
    write_text(folder / "s.jsonl", log.text());
    auto reader = read_log(folder / "s.jsonl", {.filter = {.newest = 7}});
    REQUIRE(reader);
    const auto kept = drain(**reader);
    CHECK(kept.events.size() == 7);
    CHECK(kept.numbers().back() == log.events());
    CHECK(kept.report.events < 1000);  // It did not read them all.
    // A torn end: nothing is left out.
    write_text(folder / "s.jsonl", log.text().substr(0, log.text().size() - 3));
    CHECK(drain(**read_log(folder / "s.jsonl", {.filter = {.newest = 7}})).events.size() >= 2995);
  }
}

TEST_CASE("a range that starts in the middle of a large write begins with its first event") {
  const TempFolder folder;
  LogBuilder log;
  log.write(3000, '"' + std::string(200, 'x') + '"');
  log.write(3000, '"' + std::string(200, 'x') + '"');
  write_text(folder / "s.jsonl", log.text());
  const auto part =
      drain(**read_log(folder / "s.jsonl", {.filter = {.from_seq = 4500, .to_seq = 4502}}));
  CHECK(part.numbers() == std::vector<std::uint64_t>{4500, 4501, 4502});
}

TEST_CASE("a range behind damage is read, and one that reaches it names it") {
  const TempFolder folder;
  LogBuilder log;
  for (int i = 0; i < 3000; ++i) log.write();
  std::string text = log.text();
  text[log.ends()[99] + 20] = '\0';
  write_text(folder / "s.jsonl", text);
  const auto path = folder / "s.jsonl";
  const auto behind = drain(**read_log(path, {.filter = {.from_seq = 2900, .to_seq = 2901}}));
  CHECK(behind.numbers() == std::vector<std::uint64_t>{2900, 2901});
  const auto over = drain(**read_log(path, {.filter = {.from_seq = 90, .to_seq = 110}}));
  CHECK(over.events.size() == 11);
  REQUIRE(over.error);
  CHECK(over.error->code == Code::corrupt);
  const auto skipped = drain(
      **read_log(path, {.filter = {.from_seq = 90, .to_seq = 110}, .on_corrupt = OnCorrupt::skip}));
  CHECK(skipped.events.size() == 20);
}

TEST_SUITE_END();

}  // namespace agentstore
