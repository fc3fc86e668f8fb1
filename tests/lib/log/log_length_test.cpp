// How far a log reaches: counted by parts, it holds as many events as are read in order.

#include "log/log_length.hpp"

#include <doctest/doctest.h>

#include <random>

#include "log/fast_parse.hpp"
#include "support/lines.hpp"
#include "support/random_log.hpp"
#include "support/seed.hpp"

namespace agentstore {
namespace {

log::LogLength count(const std::string& text, const log::Cuts& cuts) {
  test::TextSource source{text};
  return log::length_of(source, "s", cuts).value();
}

log::LogLength count_in_order(const std::string& text) {
  return count(text, {.parallel_bytes_min = text.size() + 1});
}

log::Cuts random_cuts(std::mt19937_64& random) {
  return {
      .chunk_bytes = 1 + random() % 2000, .parallel_bytes_min = 0, .tail_bytes = random() % 1000};
}

bool same(const log::LogLength& left, const log::LogLength& right) {
  return left.events == right.events && left.last_at == right.last_at;
}

// The text with lines that are bad only between their ends made good.
std::string mended(const std::string& text) {
  const log::FastParser fast_parse{"s"};
  std::string out;
  for (const std::string& line : test::lines_of(text)) {
    const std::string_view content = std::string_view{line}.substr(0, line.size() - 1);
    log::Ends ends;
    log::Arena arena;
    log::Line parsed;
    const bool bad = line.back() == '\n' && log::parse_line(content, arena, parsed).has_value();
    if (bad && fast_parse.ends(content, ends) && ends.hash.empty())
      out += R"({"session_id":"s","type":"custom","timestamp":"2026-03-07T12:00:00Z",)"
             R"("sequence_number":)" +
             std::to_string(ends.sequence_number) + "}\n";
    else out += line;
  }
  return out;
}

}  // namespace

TEST_SUITE_BEGIN("log length");

TEST_CASE("a log counted by parts holds the events that are read in order") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  for (int round = 0; round < 1000; ++round) {
    CAPTURE(round);
    std::string text = test::RandomLog{random}.text();
    if (random() % 3 == 0) text.resize(random() % (text.size() + 1));
    CHECK(same(count(text, random_cuts(random)), count_in_order(text)));
  }
}

TEST_CASE("damage counts as it does in order, or is passed over between the ends of a line") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  int fewer = 0;
  for (int round = 0; round < 3000; ++round) {
    CAPTURE(round);
    const std::string whole = test::RandomLog{random}.text();
    const std::string text = test::mutated(random, whole);
    CAPTURE(text);
    const auto length = count(text, random_cuts(random));
    const auto in_order = count_in_order(text);
    fewer += in_order.events < count_in_order(whole).events ? 1 : 0;
    const bool counted = same(length, in_order) || same(length, count_in_order(mended(text)));
    CHECK(counted);
  }
  CHECK(fewer > 300);
}

TEST_CASE("numbers that stand twice, or not at all, are counted by their lines") {
  test::LogBuilder log;
  for (int i = 0; i < 40; ++i) log.go_line();
  const auto lines = test::lines_of(log.text());
  for (std::size_t at = 0; at < lines.size(); ++at) {
    CAPTURE(at);
    std::string twice;
    std::string without;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      twice += i == at ? lines[i] + lines[i] : lines[i];
      if (i != at) without += lines[i];
    }
    const log::Cuts cuts{.chunk_bytes = 300, .parallel_bytes_min = 0, .tail_bytes = 200};
    CHECK(count(twice, cuts).events == count_in_order(twice).events);
    CHECK(count(without, cuts).events == count_in_order(without).events);
  }
}

TEST_SUITE_END();

}  // namespace agentstore
