// Real transcripts against the answer key, and against what the recorder itself had counted.

#include <doctest/doctest.h>

#include <filesystem>
#include <map>

#include "convert.hpp"
#include "support/folder.hpp"

namespace agentstore::formats {
namespace {

using Row = std::map<std::string, std::string>;

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> parts;
  std::stringstream stream{text};
  for (std::string part; std::getline(stream, part, by);) parts.push_back(part);
  return parts;
}

std::vector<Row> key_rows(const test::Path& folder) {
  std::ifstream file{folder / "EXPECTED.tsv"};
  std::string line;
  std::getline(file, line);
  const auto names = split(line, '\t');
  std::vector<Row> rows;
  while (std::getline(file, line)) {
    const auto cells = split(line, '\t');
    Row& row = rows.emplace_back();
    for (std::size_t i = 0; i < names.size(); ++i) row[names[i]] = i < cells.size() ? cells[i] : "";
  }
  return rows;
}

std::int64_t number(const Row& row, const char* name) {
  return std::stoll(row.at(name));
}

std::string models_of(const Conversion& conversion) {
  std::set<std::string> models;
  for (const SourceEvent& event : conversion.events) {
    if (event.draft.metadata.find("\"sub_agent\"") != std::string::npos) continue;
    if (auto model = json::find_text(event.draft.metadata, "model")) models.insert(*model);
  }
  std::string list;
  for (const std::string& model : models) list += (list.empty() ? "" : ",") + model;
  return list;
}

void check_times(const Conversion& conversion, const Row& row) {
  if (row.at("first_ts").empty()) return;
  const auto [first, last] = conversion.times();
  CHECK(format_rfc3339(first) == format_rfc3339(*parse_rfc3339(row.at("first_ts"))));
  CHECK(format_rfc3339(last) == format_rfc3339(*parse_rfc3339(row.at("last_ts"))));
}

/// The key knows no exit codes: in this file two shell commands end with 1.
std::int64_t failures_unknown_to_key(const Row& row) {
  return row.at("file").ends_with("lanegrid__agtrace__codex_session.jsonl") ? 2 : 0;
}

void check_row(const Conversion& conversion, const Row& row) {
  const Totals totals = conversion.totals();
  const std::int64_t cache_read = totals.tokens_cache_read.value_or(0);
  const std::int64_t cache_write = totals.tokens_cache_write.value_or(0);
  const bool cache_apart = row.at("format") == "claude-code lines";
  CHECK(conversion.tally.lines == number(row, "lines"));
  CHECK(conversion.tally.blank_lines == number(row, "blank"));
  CHECK(conversion.tally.records == number(row, "json_values"));
  CHECK(conversion.tally.non_objects == number(row, "non_object"));
  CHECK(conversion.tally.skipped == number(row, "unparsable"));
  CHECK(conversion.tally.glued_lines == number(row, "glued_lines"));
  CHECK(conversion.of_type("user_message") == number(row, "prompts"));
  CHECK(totals.tool_calls == number(row, "tool_calls"));
  CHECK(conversion.of_type("tool_result") == number(row, "tool_results"));
  CHECK(totals.tool_errors == number(row, "tool_errors") + failures_unknown_to_key(row));
  CHECK(totals.errors == number(row, "errors"));
  CHECK(totals.tokens_in - (cache_apart ? cache_read + cache_write : 0) ==
        number(row, "tokens_in"));
  CHECK(cache_write == number(row, "cache_write"));
  CHECK(cache_read == number(row, "cache_read"));
  CHECK(totals.tokens_out == number(row, "tokens_out"));
  CHECK(models_of(conversion) == row.at("models"));
  check_times(conversion, row);
}

TEST_SUITE_BEGIN("corpus");

TEST_CASE("every transcript comes to what the answer key says" *
          doctest::skip(test::corpus().empty())) {
  const test::Path folder = test::corpus() / "agent-logs";
  std::size_t rows = 0;
  for (const Row& row : key_rows(folder)) {
    const std::string& format = row.at("format");
    if (format != "claude-code lines" && format != "codex lines") continue;
    CAPTURE(row.at("file"));
    const Conversion conversion = convert(bytes_of_file(folder / row.at("file")));
    REQUIRE(conversion.result);
    CHECK(std::string{conversion.format->name} + " lines" == format);
    check_row(conversion, row);
    ++rows;
  }
  CHECK(rows > 30);
}

TEST_CASE("every transcript comes to what its recorder counted" *
          doctest::skip(test::corpus().empty())) {
  std::size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator{test::corpus() / "agent-logs/a-claude-code"}) {
    const std::string path = entry.path();
    const std::size_t suffix = path.rfind("__metadata.json");
    if (suffix == path.npos) continue;
    CAPTURE(path);
    const std::string recorded = bytes_of_file(path);
    const auto usage = json::find(recorded, "token_usage");
    if (!usage) continue;
    const auto count = [&](const char* name) { return json::find_integer(*usage, name).value(); };
    const Conversion conversion = convert(bytes_of_file(path.substr(0, suffix) + "__full.jsonl"));
    REQUIRE(conversion.result);
    const Totals totals = conversion.totals();
    CHECK(totals.tokens_cache_read.value_or(0) == count("cache_read_tokens"));
    CHECK(totals.tokens_cache_write.value_or(0) == count("cache_creation_tokens"));
    CHECK(totals.tokens_in ==
          count("input_tokens") + count("cache_read_tokens") + count("cache_creation_tokens"));
    CHECK(totals.tokens_out == count("output_tokens"));
    std::set<std::string> responses;
    for (const SourceEvent& event : conversion.events)
      if (const auto extra = json::find(event.draft.metadata, "extra");
          event.draft.type == llm_response && extra)
        responses.insert(json::find_text(*extra, "message_id").value_or(""));
    CHECK(responses.size() >= static_cast<std::size_t>(count("api_call_count")));
    CHECK(responses.size() <= static_cast<std::size_t>(count("api_call_count")) + 1);
    ++files;
  }
  CHECK(files >= 12);
}

TEST_SUITE_END();

}  // namespace
}  // namespace agentstore::formats
