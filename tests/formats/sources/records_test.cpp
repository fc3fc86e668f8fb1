#include "formats/sources/records.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace agentstore::formats {
namespace {

struct Split {
  Tally tally;
  std::vector<std::string> values;
};

Split split(std::string_view bytes, std::size_t piece_bytes) {
  Split result;
  RecordSplitter splitter{result.tally};
  const auto take = [&](const SourceRecord& record) {
    result.values.push_back(std::to_string(record.line) + "@" +
                            std::to_string(record.offset_bytes) + (record.storable ? " " : "! ") +
                            std::string{record.json});
  };
  for (std::size_t at = 0; at < bytes.size(); at += piece_bytes)
    splitter.feed(bytes.substr(at, piece_bytes), take);
  splitter.end(take);
  return result;
}

using Values = std::vector<std::string>;

TEST_SUITE("records") {
  TEST_CASE("lines are records, whatever happened to them, in pieces of any size") {
    const std::string bytes =
        "\xEF\xBB\xBF{\"a\":1}\r\n\n  \r\n{\"b\":2}{\"c\":3} [4]\n\"text\"\n12\n{\"d\":5}";
    for (const std::size_t piece_bytes : {1, 2, 3, 7, 1000}) {
      CAPTURE(piece_bytes);
      const Split got = split(bytes, piece_bytes);
      CHECK(got.values == Values{"1@0 {\"a\":1}", "4@17 {\"b\":2}", "4@17 {\"c\":3}", "4@17 [4]",
                                 "5@36 \"text\"", "6@43 12", "7@46 {\"d\":5}"});
      CHECK(got.tally.lines == 7);
      CHECK(got.tally.blank_lines == 2);
      CHECK(got.tally.glued_lines == 1);
      CHECK(got.tally.non_objects == 3);
      CHECK(got.tally.skipped == 0);
      CHECK(got.tally.bytes == bytes.size());
    }
  }

  TEST_CASE("a whole record behind one that was cut off is read, and the cut one is told of") {
    const std::string whole = R"({"a":{"b":[{"c":1}]},"d":"{"})";
    for (std::size_t size = 1; size < whole.size(); ++size) {
      CAPTURE(size);
      const Split got = split(whole.substr(0, size) + whole + "\n{\"e\":1}\n", 7);
      CHECK(got.values ==
            Values{"1@0 " + whole, "2@" + std::to_string(size + whole.size() + 1) + " {\"e\":1}"});
      REQUIRE(got.tally.skipped_parts.size() == 1);
      CHECK(got.tally.skipped_parts[0].why ==
            std::to_string(size) +
                " bytes of a record that was cut off, with a whole one after them");
      CHECK(got.tally.glued_lines == 0);
      CHECK_FALSE(got.tally.torn);
    }
    CHECK(split("{\"a\":1} {\"b\" {\"c\":3}\n", 100).values ==
          Values{"1@0 {\"a\":1}", "1@0 {\"c\":3}"});
    CHECK(split("{\"a\":[1,{\"b\":2}\n", 100).values.empty());
    CHECK(split("{\"type\":\"user\",\"id\":1,\"said\":[{\"type\":\"text\",\"text\":\"x\"}\n", 100)
              .values.empty());
  }

  TEST_CASE("what is no JSON is skipped with its place and the reason") {
    const Split got =
        split("Started on 2026-01-01\n2026 is a year\n{\"a\":1}\n{\"b\":\n{\"c\":3", 5);
    CHECK(got.values == Values{"3@37 {\"a\":1}"});
    REQUIRE(got.tally.skipped_parts.size() == 4);
    CHECK(got.tally.skipped_parts[0].why == "words before the first record");
    CHECK(got.tally.skipped_parts[1].why == "words before the first record");
    CHECK(got.tally.skipped_parts[2].line == 4);
    CHECK(got.tally.skipped_parts[2].offset_bytes == 45);
    CHECK(got.tally.skipped_parts[2].why == "no JSON: ends where a value should stand");
    CHECK(got.tally.skipped_parts[3].why == "the last line is cut off");
    CHECK(got.tally.torn);
  }

  TEST_CASE("a number that may go on counts once its line is ended") {
    CHECK(split("{\"a\":1}\n12", 100).values == Values{"1@0 {\"a\":1}"});
    CHECK(split("{\"a\":1}\n12", 100).tally.torn);
    CHECK(split("{\"a\":1}\n123\n", 100).values == Values{"1@0 {\"a\":1}", "2@8 123"});
  }

  TEST_CASE("JSON that no log may hold is given, and marked") {
    const Split got = split("{\"a\":1,\"a\":2}\n{\"b\":\"\xFF\"}\n", 100);
    CHECK(got.values == Values{"1@0! {\"a\":1,\"a\":2}", "2@14! {\"b\":\"\xFF\"}"});
  }

  TEST_CASE("a line that is too long costs itself alone, and no memory") {
    Tally tally;
    std::size_t values = 0;
    RecordSplitter splitter{tally};
    const auto take = [&](const SourceRecord&) { ++values; };
    splitter.feed("\"", take);
    const std::string megabyte(std::size_t{1} << 20, 'x');
    for (int i = 0; i < 70; ++i) splitter.feed(megabyte, take);
    splitter.feed("\"\n{}\n", take);
    splitter.end(take);
    CHECK(values == 1);
    REQUIRE(tally.skipped_parts.size() == 1);
    CHECK(tally.skipped_parts[0].why == "the line is longer than 64 MiB");
    CHECK(tally.lines == 2);
  }
}

}  // namespace
}  // namespace agentstore::formats
