// Reading by parts: whatever is cut and skipped, the answer is that of the reader in order.

#include "store/parts.hpp"

#include <doctest/doctest.h>

#include <random>

#include "agentstore/json.hpp"
#include "log/encode.hpp"
#include "store/reader.hpp"
#include "support/events.hpp"
#include "support/lines.hpp"

namespace agentstore {
namespace {

using test::drain;
using test::Kept;
using test::KeptEvent;
using test::lines_of;

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
                   const Cuts& cuts) {
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

/// A log of many forms of lines: the Go library's, in its order of keys or another, and ours.
class RandomLog {
 public:
  explicit RandomLog(std::mt19937_64& random) : random_(random) {
    const std::size_t unsealed = chance(2) ? random_() % 30 : 0;
    const std::size_t sealed = unsealed > 0 && chance(2) ? 0 : random_() % 40;
    for (std::size_t i = 0; i < unsealed; ++i) add_unsealed();
    for (std::size_t i = 0; i < sealed; ++i) add_write();
  }
  const std::string& text() const { return text_; }

 private:
  bool chance(unsigned one_in) { return random_() % one_in == 0; }
  template <std::size_t size>
  const char* one_of(const char* const (&words)[size]) {
    return words[random_() % size];
  }

  const char* type() {
    return one_of({"tool_called", "tool_result", "llm_response", "t\\u0079pe", "a.b:c-d", "Käse",
                   "tool_called\\\",\\\"x", ""});
  }
  std::string payload() {
    std::string text =
        one_of({R"({"n":1})", "null", "[]", "-1e5", R"("\"timestamp\":\"x")",
                R"({"type":"tool_called","timestamp":"2026-03-07T12:00:00Z"})",
                R"({"a":{"x":1,"timestamp":"2026-03-07T12:00:00Z","metadata":{}}})",
                R"({"payload":{},"salt":"","prev":"","hash":""})", R"({"k\u0065y":"\\\"}{"})"});
    if (chance(12)) text = "\"" + std::string(random_() % 9000, 'x') + "\"";
    return text;
  }
  const char* metadata() {
    return one_of({"{}", R"({"tokens_in":5,"cost_usd":0.25})",
                   R"({"extra":{"a":"b","timestamp":"2026-03-07T12:00:00Z"}})",
                   R"({"x":{"z":1,"timestamp":"2026-03-07T12:00:00Z","metadata":{}}})",
                   R"({"m\u006fdel":"a","payload":"}}"})",
                   R"({"a":-0.50,"b":0,"c":-12,"d":true,"e":false,"f":null,"":{}})",
                   R"({"a":1E+2,"b":[1,{"c":"]"}]})", R"({"a":{"b":"c","d":{"e":{}}},"f":1.5e-3})",
                   R"({"0":{"1":{"2":{"3":{"4":{"5":{"6":{"7":{"8":{"9":{}}}}}}}}}}})"});
  }

  void add_unsealed() {
    const std::string id = R"("session_id":"s")";
    const std::string number = R"("sequence_number":)" + std::to_string(++number_);
    const std::string kind = std::string{R"("type":")"} + type() + '"';
    const std::string body = R"("payload":)" + payload();
    const std::string time = R"("timestamp":"2026-03-07T12:0)" + std::to_string(random_() % 2) +
                             ":0" + std::to_string(random_() % 10) +
                             one_of({"Z\"", ".5Z\"", "+01:00\"", ".123456789Z\""});
    const std::string about = R"("metadata":)" + std::string{metadata()};
    std::vector<std::string> keys{id, number, kind, body, time, about};
    if (chance(6)) std::shuffle(keys.begin(), keys.end(), random_);
    if (chance(8)) keys.insert(keys.begin() + 4, R"("more":{"a":[1,2]})");
    if (chance(10)) keys.pop_back();
    const char* const comma = chance(8) ? " , " : ",";
    std::string line = "{";
    for (const std::string& key : keys) line += (line.size() > 1 ? comma : "") + key;
    line += "}";
    log::Arena arena;
    log::Line parsed;
    if (log::parse_line(line, arena, parsed)) {  // A key that has to be there was left out.
      --number_;
      return;
    }
    head_ = log::head_after(parsed, head_);
    text_ += line + "\n";
  }

  void add_write() {
    const std::size_t count = chance(3) ? 1 + random_() % 6 : 1;
    const log::Batch batch = count > 1 ? log::Batch{number_ + 1, number_ + count} : log::Batch{};
    for (std::size_t i = 0; i < count; ++i) {
      ++number_;
      const std::string id = chance(9) ? "e \\u0022" : "e" + std::to_string(number_);
      const std::string body = payload();
      const std::string about = metadata();
      const std::string kind = json::text_of('"' + std::string{type()} + '"');
      log::NumberedEvent event{
          .session_id = "s",
          .sequence_number = number_,
          .type = kind,
          .timestamp = {1'772'884'800 + static_cast<std::int64_t>(random_() % 9) +
                            (chance(4) ? 60 : 0),
                        5},
          .recorded_at = chance(2) ? std::nullopt : std::optional{Timestamp{1'772'884'900, 7}},
          .metadata = about,
          .event_id = id,
          .batch = batch,
          .payload = body};
      if (chance(25)) {
        const std::string hash(64, 'a');
        head_ = log::encode_redacted_line(text_, event, hash, number_ + 1, head_);
      } else {
        head_ = log::encode_line(text_, event, head_);
      }
    }
  }

  std::mt19937_64& random_;
  std::string text_;
  std::uint64_t number_ = 0;
  Hash head_{};
};

Cuts random_cuts(std::mt19937_64& random) {
  return {.stretch_bytes = 1 + random() % 3000,
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

std::string mutated(std::mt19937_64& random, const std::string& text) {
  auto lines = lines_of(text);
  if (lines.empty()) return text;
  const auto at = static_cast<std::ptrdiff_t>(random() % lines.size());
  std::string& line = lines[static_cast<std::size_t>(at)];
  switch (random() % 8) {
    case 0: lines.erase(lines.begin() + at); break;
    case 1: std::swap(line, lines[random() % lines.size()]); break;
    case 2: lines.insert(lines.begin() + at, lines[random() % lines.size()]); break;
    case 3: line[random() % line.size()] ^= static_cast<char>(1U << random() % 7); break;
    case 4: line.pop_back(); break;
    case 5: line.insert(line.size() - 1, "\r"); break;
    case 6: line.insert(random() % line.size(), 1, "{}\",: \n0"[random() % 8]); break;
    default: lines.insert(lines.begin() + at, "\n"); break;
  }
  std::string out;
  for (const std::string& one : lines) out += one;
  if (random() % 4 == 0) out.resize(random() % (out.size() + 1));
  return out;
}

}  // namespace

TEST_SUITE_BEGIN("parts");

TEST_CASE("a log read by parts is the log read in order, at every depth") {
  const std::uint64_t seed = std::random_device{}();
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
  const std::uint64_t seed = std::random_device{}();
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

TEST_CASE("a border of parts may lie at any byte") {
  std::mt19937_64 random{5};
  std::string text;
  while (text.size() < 2500 || text.size() > 4000) text = RandomLog{random}.text();
  const auto in_order = read_in_order(text, {}, OnCorrupt::strict);
  for (std::uint64_t stretch_bytes = 30; stretch_bytes <= text.size() + 1; ++stretch_bytes) {
    CAPTURE(stretch_bytes);
    check_same(
        read_by_parts(text, {}, OnCorrupt::strict, Depth::envelope,
                      {.stretch_bytes = stretch_bytes, .parallel_bytes_min = 0, .tail_bytes = 0}),
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
                        {.stretch_bytes = 400, .parallel_bytes_min = 0, .tail_bytes = 100});
  REQUIRE(report);
  CHECK(numbers == in_order.numbers());
  CHECK(report->events == in_order.report.events);
}

TEST_CASE("a part's error ends the reading behind the parts before it") {
  class Failing : public KeptPart {
   public:
    Result<void> take(std::span<const EventView> events) override {
      for (const EventView& event : events)
        if (event.sequence_number == 20) return fail(Code::overflow, "at 20");
      return KeptPart::take(events);
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
                        {.stretch_bytes = 900, .parallel_bytes_min = 0, .tail_bytes = 100});
  REQUIRE(!report);
  CHECK(report.error().code == Code::overflow);
  CHECK(last >= 15);
  CHECK(last < 20);
}

TEST_SUITE_END();

}  // namespace agentstore
