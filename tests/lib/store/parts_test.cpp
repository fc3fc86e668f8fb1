// Reading by parts: whatever is cut and skipped, the answer is that of the reader in order.

#include "store/parts.hpp"

#include <doctest/doctest.h>

#include <random>

#include "store/reader.hpp"
#include "support/events.hpp"
#include "support/lines.hpp"
#include "support/random_log.hpp"
#include "support/seed.hpp"

namespace agentstore {
namespace {

using test::drain;
using test::Kept;
using test::KeptEvent;
using test::mutated;
using test::RandomLog;

class KeptPart : public Part {
 public:
  void restart() override { events.clear(); }
  Result<void> take(std::span<const EventView> taken) override {
    for (const EventView& event : taken) events.push_back(test::keep(event));
    return {};
  }
  std::vector<KeptEvent> events;
};

Kept read_by_parts(const std::string& text, const Filter& filter, OnCorrupt on_corrupt, Depth depth,
                   const log::Cuts& cuts) {
  test::TextSource source{text};
  Kept kept;
  const Parts parts{.make = [] { return std::make_unique<KeptPart>(); },
                    .join =
                        [&](Part& part) {
                          auto& events = dynamic_cast<KeptPart&>(part).events;
                          kept.events.insert(kept.events.end(), events.begin(), events.end());
                          return Joined::taken;
                        },
                    .depth = depth};
  auto report = read_log_in_parts(source, {.on_corrupt = on_corrupt}, filter, nullptr, parts, cuts);
  if (report) kept.report = std::move(*report);
  else kept.error = std::move(report.error());
  return kept;
}

Kept read_in_order(const std::string& text, const Filter& filter, OnCorrupt on_corrupt) {
  const auto reader =
      LogReader::open(std::make_unique<test::TextSource>(text), {.on_corrupt = on_corrupt}, filter);
  REQUIRE(reader);
  return drain(**reader);
}

bool same(const KeptEvent& left, const KeptEvent& right, Depth depth) {
  const bool ends = left.session_id == right.session_id &&
                    left.sequence_number == right.sequence_number && left.type == right.type &&
                    left.hash == right.hash && left.line == right.line &&
                    left.offset_bytes == right.offset_bytes;
  return ends && (depth == Depth::ends ||
                  (left.timestamp == right.timestamp && left.metadata == right.metadata &&
                   left.payload == right.payload && left.event_id == right.event_id));
}

void check_same(const Kept& parts, const Kept& in_order, Depth depth) {
  REQUIRE(parts.error.has_value() == in_order.error.has_value());
  // Of the write that is damaged, a part may have given the beginning.
  REQUIRE(parts.events.size() >= in_order.events.size());
  if (!parts.error) REQUIRE(parts.events.size() == in_order.events.size());
  for (std::size_t i = in_order.events.size(); i < parts.events.size(); ++i)
    REQUIRE(parts.events[i].line.contains(",\"batch\":["));
  for (std::size_t i = 0; i < in_order.events.size(); ++i) {
    CAPTURE(i);
    REQUIRE(same(parts.events[i], in_order.events[i], depth));
  }
  if (parts.error) {
    CHECK(parts.error->code == in_order.error->code);
    CHECK(parts.error->message == in_order.error->message);
    return;
  }
  CHECK(parts.report.verdict == in_order.report.verdict);
  CHECK(parts.report.events == in_order.report.events);
  CHECK(parts.report.unsealed == in_order.report.unsealed);
  CHECK(parts.report.last_sequence_number == in_order.report.last_sequence_number);
  CHECK(parts.report.end_offset_bytes == in_order.report.end_offset_bytes);
  CHECK(parts.report.finding_count == in_order.report.finding_count);
}

log::Cuts random_cuts(std::mt19937_64& random) {
  return {.chunk_bytes = 1 + random() % 3000,
          .parallel_bytes_min = 0,
          .tail_bytes = random() % 2000,
          .line_bytes_max = random() % 3 == 0 ? 500 + random() % 5000 : 1'000'000};
}

Filter random_filter(std::mt19937_64& random) {
  Filter filter;
  if (random() % 2 == 0) filter.types = {random() % 2 == 0 ? "tool_*" : "type", "Käse"};
  if (random() % 4 == 0) filter.not_types = {"tool_called"};
  if (random() % 4 == 0) filter.since = Timestamp{1'772'884'803, 0};
  if (random() % 4 == 0) filter.before = Timestamp{1'772'884'806, 0};
  return filter;
}

}  // namespace

TEST_SUITE_BEGIN("parts");

TEST_CASE("a log read by parts is the log read in order, at every depth") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  for (int round = 0; round < 400; ++round) {
    CAPTURE(round);
    std::string text = RandomLog{random}.text();
    if (random() % 3 == 0) text.resize(random() % (text.size() + 1));
    const Filter filter = random_filter(random);
    const auto in_order = read_in_order(text, filter, OnCorrupt::strict);
    for (const Depth depth : {Depth::whole, Depth::envelope, Depth::ends})
      check_same(read_by_parts(text, filter, OnCorrupt::strict, depth, random_cuts(random)),
                 in_order, depth);
  }
}

TEST_CASE("damage read by parts is what it is in order") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  int damaged = 0;
  for (int round = 0; round < 1500; ++round) {
    CAPTURE(round);
    const std::string text = mutated(random, RandomLog{random}.text());
    CAPTURE(text);
    const auto on_corrupt = random() % 3 == 0 ? OnCorrupt::prefix : OnCorrupt::strict;
    const auto in_order = read_in_order(text, {}, on_corrupt);
    damaged += in_order.error || in_order.report.verdict == Verdict::damaged ? 1 : 0;
    check_same(read_by_parts(text, {}, on_corrupt, Depth::whole, random_cuts(random)), in_order,
               Depth::whole);
  }
  CHECK(damaged > 300);
}

TEST_CASE("what is found at one place is told beside what is found at the next") {
  std::string text;
  for (int number = 1; number <= 60; ++number)
    text += R"({"session_id":"s","sequence_number":)" + std::to_string(number) +
            R"(,"type":"t","payload":{},"timestamp":"2026-03-07T12:00:00Z","metadata":{"a":1)" +
            (number % 20 == 5 ? R"(,"a":2)" : "") + "}}\n";
  const auto in_order = read_in_order(text, {}, OnCorrupt::strict);
  REQUIRE(in_order.report.finding_count == 3);
  for (const std::uint64_t chunk_bytes : {100, 300, 700}) {
    const auto parts =
        read_by_parts(text, {}, OnCorrupt::strict, Depth::whole,
                      {.chunk_bytes = chunk_bytes, .parallel_bytes_min = 0, .tail_bytes = 0});
    check_same(parts, in_order, Depth::whole);
    REQUIRE(parts.report.findings.size() == 3);
    CHECK(parts.report.findings.front().sequence_number == 5);
    CHECK(parts.report.findings.back().sequence_number == 45);
  }
}

TEST_CASE("a line of the Go library inside a write of ours is seen, even where it is not wanted") {
  test::LogBuilder log;
  for (int i = 0; i < 5; ++i) log.write(6);
  auto lines = test::lines_of(log.text());
  test::LogBuilder other;
  for (int i = 0; i < 9; ++i) lines[8] = other.go_line();
  std::string text;
  for (const std::string& line : lines) text += line;
  Filter filter;
  filter.types = {"user_message"};
  const auto in_order = read_in_order(text, filter, OnCorrupt::strict);
  CHECK(in_order.error);
  check_same(read_by_parts(text, filter, OnCorrupt::strict, Depth::whole,
                           {.parallel_bytes_min = 0, .tail_bytes = 0}),
             in_order, Depth::whole);
}

TEST_CASE("a border of parts may lie at any byte") {
  std::mt19937_64 random{5};
  std::string text;
  while (text.size() < 2500 || text.size() > 4000) text = RandomLog{random}.text();
  const auto in_order = read_in_order(text, {}, OnCorrupt::strict);
  for (std::uint64_t chunk_bytes = 30; chunk_bytes <= text.size() + 1; ++chunk_bytes) {
    CAPTURE(chunk_bytes);
    check_same(
        read_by_parts(text, {}, OnCorrupt::strict, Depth::envelope,
                      {.chunk_bytes = chunk_bytes, .parallel_bytes_min = 0, .tail_bytes = 0}),
        in_order, Depth::envelope);
  }
}

TEST_CASE("a part that does not fit is made again of the same events, then taken") {
  std::mt19937_64 random{6};
  std::string text;
  while (text.size() < 9000) text = RandomLog{random}.text();
  const auto in_order = read_in_order(text, {}, OnCorrupt::strict);
  test::TextSource source{text};
  std::vector<std::uint64_t> numbers;
  std::size_t refused = 0;
  bool fits = true;
  const Parts parts{.make = [] { return std::make_unique<KeptPart>(); },
                    .join =
                        [&](Part& part) {
                          fits = !fits;
                          if (fits && refused < 4 && ++refused > 0) return Joined::again;
                          for (const auto& event : dynamic_cast<KeptPart&>(part).events)
                            numbers.push_back(event.sequence_number);
                          return Joined::taken;
                        }};
  const auto report =
      read_log_in_parts(source, {}, {}, nullptr, parts,
                        {.chunk_bytes = 400, .parallel_bytes_min = 0, .tail_bytes = 100});
  REQUIRE(report);
  CHECK(numbers == in_order.numbers());
  CHECK(report->events == in_order.report.events);
}

TEST_CASE("a part's error ends the reading behind the parts before it") {
  class Failing : public KeptPart {
   public:
    Result<void> take(std::span<const EventView> some) override {
      for (const EventView& event : some)
        if (event.sequence_number == 20) return fail(Code::overflow, "at 20");
      return KeptPart::take(some);
    }
  };
  test::LogBuilder log;
  for (int i = 0; i < 60; ++i) log.write();
  test::TextSource source{log.text()};
  std::uint64_t last = 0;
  const Parts parts{.make = [] { return std::make_unique<Failing>(); },
                    .join =
                        [&](Part& part) {
                          const auto& events = dynamic_cast<Failing&>(part).events;
                          if (!events.empty()) last = events.back().sequence_number;
                          return Joined::taken;
                        }};
  const auto report =
      read_log_in_parts(source, {}, {}, nullptr, parts,
                        {.chunk_bytes = 900, .parallel_bytes_min = 0, .tail_bytes = 100});
  REQUIRE(!report);
  CHECK(report.error().code == Code::overflow);
  CHECK(last >= 15);
  CHECK(last < 20);
}

TEST_SUITE_END();

}  // namespace agentstore
