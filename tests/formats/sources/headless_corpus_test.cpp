// Real streams of headless runs against what the runs themselves stated, and files of other tools.

#include <doctest/doctest.h>

#include <filesystem>
#include <map>

#include "convert.hpp"
#include "support/folder.hpp"

namespace agentstore::formats {
namespace {

using Row = std::map<std::string, std::string>;

std::vector<Row> key_rows(const test::Path& folder) {
  const auto split = [](const std::string& line) {
    std::vector<std::string> cells;
    std::stringstream stream{line};
    for (std::string cell; std::getline(stream, cell, '\t');) cells.push_back(cell);
    return cells;
  };
  std::ifstream file{folder / "EXPECTED.tsv"};
  std::string line;
  std::getline(file, line);
  const auto names = split(line);
  std::vector<Row> rows;
  while (std::getline(file, line)) {
    const auto cells = split(line);
    Row& row = rows.emplace_back();
    for (std::size_t i = 0; i < names.size(); ++i) row[names[i]] = i < cells.size() ? cells[i] : "";
  }
  return rows;
}

bool is_read(const Row& row) {
  return row.at("format") == "claude stream-json" || row.at("format") == "codex exec --json";
}

/// A key that says nothing is held to nothing.
void check_figure(const Row& row, const char* name, std::int64_t figure) {
  CAPTURE(name);
  if (!row.at(name).empty()) CHECK(figure == std::stoll(row.at(name)));
}

void check_row(const Conversion& conversion, const Row& row) {
  const Totals own = conversion.totals(0);
  const Totals all = conversion.totals();
  check_figure(row, "tool_calls", static_cast<std::int64_t>(own.tool_calls));
  check_figure(row, "tool_errors", static_cast<std::int64_t>(own.tool_errors));
  check_figure(row, "errors", static_cast<std::int64_t>(own.errors));
  const auto results = own.by_type.find("tool_result");
  check_figure(row, "tool_results",
               results == own.by_type.end() ? 0 : static_cast<std::int64_t>(results->second));
  const auto prompts = own.by_type.find("user_message");
  check_figure(row, "prompts",
               prompts == own.by_type.end() ? 0 : static_cast<std::int64_t>(prompts->second));
  const std::int64_t cache = all.tokens_cache_read.value_or(0) + all.tokens_cache_write.value_or(0);
  check_figure(row, "tokens_in", all.tokens_in - (row.at("in_incl_cache") == "N" ? cache : 0));
  check_figure(row, "cache_write", all.tokens_cache_write.value_or(0));
  check_figure(row, "cache_read", all.tokens_cache_read.value_or(0));
  check_figure(row, "tokens_out", all.tokens_out);
  check_figure(row, "reasoning", all.tokens_reasoning.value_or(0));
  if (!row.at("cost_usd").empty()) {
    REQUIRE(own.cost_usd);
    CHECK(std::stod(own.cost_usd->to_string()) == doctest::Approx(std::stod(row.at("cost_usd"))));
  }
  CHECK((own.unfinished_runs() > 0) == (row.at("tokens_out").empty()));
  if (row.at("first_time").empty()) return;
  const auto [first, last] = conversion.times();
  CHECK(format_rfc3339(first) == format_rfc3339(*parse_rfc3339(row.at("first_time"))));
  CHECK(format_rfc3339(last) == format_rfc3339(*parse_rfc3339(row.at("last_time"))));
}

TEST_SUITE_BEGIN("corpus");

TEST_CASE("streams of headless runs come to what the runs stated" *
          doctest::skip(test::corpus().empty())) {
  const test::Path folder = test::corpus() / "other-agents";
  std::size_t rows = 0;
  for (const Row& row : key_rows(folder)) {
    if (!is_read(row)) continue;
    CAPTURE(row.at("file"));
    const Conversion conversion = convert(bytes_of_file(folder / row.at("file")));
    REQUIRE(conversion.result);
    check_row(conversion, row);
    ++rows;
  }
  CHECK(rows == 8);
}

TEST_CASE("files of other tools are refused by name" * doctest::skip(test::corpus().empty())) {
  const test::Path folder = test::corpus() / "other-agents";
  std::size_t rows = 0;
  for (const Row& row : key_rows(folder)) {
    if (is_read(row)) continue;
    CAPTURE(row.at("file"));
    const Conversion conversion = convert(bytes_of_file(folder / row.at("file")));
    REQUIRE_FALSE(conversion.result);
    CHECK(conversion.result.error().message.starts_with("it is "));
    ++rows;
  }
  CHECK(rows > 30);
}

TEST_CASE("today's transcripts of Claude Code come to what is expected of them" *
          doctest::skip(test::corpus().empty())) {
  struct Expected {
    const char* file;
    std::int64_t in;
    std::int64_t out;
    std::uint64_t prompts;
    std::uint64_t calls;
  };
  const test::Path folder = test::corpus() / "transcripts-2026";
  for (const Expected& expected : {
           Expected{"claude-60-bookkeeping-lines-first/transcript.jsonl", 6, 4, 1, 0},
           Expected{"claude-advisor-iterations/transcript.jsonl", 162721, 8296, 1, 0},
           Expected{"claude-queued-prompt/transcript.jsonl", 11, 10, 2, 1},
           Expected{"claude-server-tools/transcript.jsonl", 10, 50, 1, 1},
           Expected{"claude-two-main-sessions-in-one-file/transcript.jsonl", 66, 9, 2, 0},
           Expected{"claude-stream-json/run.jsonl", 1030, 290, 0, 1},
           Expected{"claude-stream-json/real-phnx-labs.jsonl", 55918, 427, 0, 1},
       }) {
    CAPTURE(expected.file);
    const Conversion conversion = convert(bytes_of_file(folder / expected.file));
    REQUIRE(conversion.result);
    CHECK(conversion.tally.unknown.empty());
    CHECK(conversion.totals().tokens_in == expected.in);
    CHECK(conversion.totals().tokens_out == expected.out);
    CHECK(conversion.of_type("user_message") == expected.prompts);
    CHECK(conversion.totals().tool_calls == expected.calls);
  }
}

TEST_SUITE_END();

}  // namespace
}  // namespace agentstore::formats
