#include "log/split.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "log/line.hpp"
#include "support/lines.hpp"
#include "support/seed.hpp"

namespace agentstore::log {
namespace {

using test::TextSource;

struct Split {
  std::vector<std::string> lines;
  std::vector<std::uint64_t> offsets;
  std::string rest;
};

Split split(const std::string& text, std::uint64_t from, std::uint64_t to) {
  TextSource source{text};
  LineSplitter lines{source, from, to};
  Split split;
  for (;;) {
    while (const auto line = lines.take()) {
      CHECK(line->terminated);
      CHECK(line->end_bytes == line->offset_bytes + line->text.size() + 1);
      split.lines.emplace_back(line->text);
      split.offsets.push_back(line->offset_bytes);
    }
    const auto more = lines.refill(lines.offset());
    REQUIRE(more);
    if (!*more) break;
  }
  if (const auto rest = lines.remainder()) {
    CHECK_FALSE(rest->terminated);
    split.rest = rest->text;
  }
  return split;
}

}  // namespace

TEST_SUITE("splitting into lines") {
  TEST_CASE("lines of any length, the last one without an end") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    std::string text;
    std::vector<std::string> lines;
    for (int i = 0; i < 60; ++i) {
      lines.emplace_back(random() % (i % 10 == 0 ? 700'000 : 300), static_cast<char>('a' + i % 26));
      text += lines.back() + '\n';
    }
    const Split all = split(text + "torn", 0, text.size() + 4);
    CHECK(all.lines == lines);
    CHECK(all.rest == "torn");
    const Split behind = split(text, all.offsets[7], text.size());
    CHECK(behind.lines == std::vector<std::string>(lines.begin() + 7, lines.end()));
    CHECK(behind.rest.empty());
  }

  TEST_CASE("a limit cuts a line, and a source that ends before it does too") {
    CHECK(split("one\ntwo\n", 0, 6).rest == "tw");
    CHECK(split("one\ntwo\n", 0, 100).lines == std::vector<std::string>{"one", "two"});
    CHECK(split("", 0, 0).lines.empty());
    CHECK(split("\n\n", 0, 2).lines == std::vector<std::string>{"", ""});
  }

  TEST_CASE("it goes back to what was kept, and on to a later limit") {
    TextSource source{"one\ntwo\nthree\n"};
    LineSplitter lines{source, 0, 8};
    REQUIRE(lines.refill(0).value());
    CHECK(lines.take()->text == "one");
    CHECK(lines.take()->text == "two");
    CHECK_FALSE(lines.take());
    lines.rewind(4);
    CHECK(lines.take()->text == "two");
    CHECK_FALSE(lines.refill(lines.offset()).value());
    lines.extend(14);
    REQUIRE(lines.refill(lines.offset()).value());
    CHECK(lines.take()->text == "three");
    lines.restart(4, 8);
    REQUIRE(lines.refill(4).value());
    CHECK(lines.take()->text == "two");
  }

  TEST_CASE("the rest of an endless line is dropped as it comes") {
    TextSource source{std::string(1'000'000, 'x') + "\nnext\n"};
    LineSplitter lines{source, 0, 1'000'006};
    std::optional<RawLine> line;
    while (!(line = lines.take())) {
      lines.drop_unfinished();
      REQUIRE(lines.refill(lines.offset()).value());
      CHECK(lines.unfinished_bytes() <= std::size_t{256} << 10);
    }
    CHECK(lines.take()->text == "next");
  }
}

}  // namespace agentstore::log
