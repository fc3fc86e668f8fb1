// A log of rows that several threads read at once, over a table that counts what is asked of it.

#include "backends/row_log.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace agentstore {
namespace {

constexpr std::int64_t rows = 1000;
constexpr std::size_t line_bytes = 10'000;

std::string line_of(std::int64_t version) {
  std::string line(line_bytes, static_cast<char>('a' + version % 26));
  line.back() = '\n';
  return line;
}

/// Rows of one length. Says where each ends.
class Rows : public RowTable {
 public:
  std::atomic<int> given = 0;
  std::atomic<bool> shifted = false;
  std::atomic<std::int64_t> there = rows;
  std::atomic<std::uint64_t> rewrites = 0;

  Result<void> read(const std::function<Result<void>()>& work) override { return work(); }
  Result<bool> exists(std::string_view) override { return true; }
  Result<RowEnd> end(std::string_view) override {
    return RowEnd{there - 1, there - 1, rewrites, 0};
  }
  Result<RowPlace> place(std::string_view, std::int64_t version, std::uint64_t offset) override {
    if (offset != UINT64_MAX) offset = offset / row_block_bytes * row_block_bytes;
    const auto before = std::min<std::int64_t>(
        version, static_cast<std::int64_t>(std::min<std::uint64_t>(offset / line_bytes, rows)));
    return RowPlace{before, static_cast<std::uint64_t>(before) * line_bytes};
  }
  Result<void> lines(std::string_view, const RowRange& range, std::string& lines,
                     const TakeRow& take) override {
    for (std::int64_t version = std::max<std::int64_t>(range.from, 0);
         version <= std::min(range.to, there - 1); ++version) {
      lines += line_of(version);
      ++given;
      const auto end = (version + 1) * static_cast<std::int64_t>(line_bytes);
      if (!take(version, shifted ? end + 1 : end)) break;
    }
    return {};
  }
  std::string name_of(std::string_view id) const override { return std::string{id}; }
  bool is_shared() const override { return false; }
};

std::string whole_text() {
  std::string text;
  for (std::int64_t version = 0; version < rows; ++version) text += line_of(version);
  return text;
}

// In parts of a size that no block has.
std::string read_all(log::ByteSource& log) {
  std::string text(log.size_bytes(), '\0');
  for (std::size_t at = 0; at < text.size();) {
    const auto got =
        log.read_at(at, text.data() + at, std::min<std::size_t>(7'777, text.size() - at));
    if (!got || *got == 0) return {};
    at += *got;
  }
  return text;
}

}  // namespace

TEST_SUITE_BEGIN("row_log");

TEST_CASE("threads that read one log at once get its bytes, and share the blocks") {
  const auto table = std::make_shared<Rows>();
  const auto log = open_row_log(table, "s");
  REQUIRE(log);
  const std::string expected = whole_text();
  REQUIRE((*log)->size_bytes() == expected.size());
  std::atomic<int> right = 0;
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 4; ++reader)
    readers.emplace_back([&] { right += read_all(**log) == expected ? 1 : 0; });
  for (std::thread& reader : readers) reader.join();
  CHECK(right == 4);
  CHECK(table->given >= rows);
}

TEST_CASE("a block is read once for those who want it together") {
  const auto table = std::make_shared<Rows>();
  const auto log = open_row_log(table, "s");
  REQUIRE(log);
  const int before = table->given;
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 8; ++reader)
    readers.emplace_back([&] {
      char byte = 0;
      const auto got = (*log)->read_at(row_block_bytes * 3 + 5, &byte, 1);
      CHECK((got && *got == 1));
    });
  for (std::thread& reader : readers) reader.join();
  CHECK(table->given - before <= static_cast<int>(row_block_bytes / line_bytes) + 2);
}

TEST_CASE("rows that are not where they were are all read anew") {
  const auto table = std::make_shared<Rows>();
  const auto log = open_row_log(table, "s");
  REQUIRE(log);
  table->shifted = true;
  CHECK(read_all(**log) == whole_text());
  CHECK(*(*log)->settle() == log::ByteSource::Tail::moved);
}

TEST_CASE("a log whose lines were rewritten while it was read is not taken for a damaged one") {
  const auto table = std::make_shared<Rows>();
  const auto log = open_row_log(table, "s");
  REQUIRE(log);
  char byte = 0;
  REQUIRE((*log)->read_at(0, &byte, 1));
  table->rewrites = 1;
  const auto got = (*log)->read_at(row_block_bytes * 3, &byte, 1);
  REQUIRE_FALSE(got);
  CHECK(got.error().code == Code::busy);
}

TEST_CASE("who reads a log up to its end is told that it has grown, whoever looked") {
  const auto table = std::make_shared<Rows>();
  table->there = rows - 10;
  const auto log = open_row_log(table, "s");
  REQUIRE(log);
  const std::uint64_t before = (*log)->size_bytes();
  table->there = rows;
  CHECK(*(*log)->refresh() == log::ByteSource::Change::grown);
  CHECK((*log)->due().count() == rows);
  CHECK(*(*log)->settle() == log::ByteSource::Tail::moved);
  CHECK(*(*log)->settle() == log::ByteSource::Tail::settled);
  CHECK((*log)->size_bytes() == before + 10 * line_bytes);
}

TEST_SUITE_END();

}  // namespace agentstore
