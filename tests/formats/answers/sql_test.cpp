#include "formats/answers/sql.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

using namespace agentstore;
using namespace agentstore::formats;

namespace {

std::string written(std::string_view format, const std::vector<std::string>& columns,
                    const std::vector<std::vector<SqlValue>>& rows, std::size_t width = 0) {
  StringSink sink;
  Screen screen;
  screen.columns = width;
  const auto writer = make_sql_writer(format, sink, screen, columns).value();
  for (const auto& row : rows) writer->row(row);
  writer->end({});
  return sink.text;
}

using namespace std::string_view_literals;

}  // namespace

TEST_SUITE_BEGIN("sql formats");

TEST_CASE("values are written as each format has them") {
  const std::vector<std::string> columns{"a", "b"};
  const std::vector<std::vector<SqlValue>> rows{{std::int64_t{1}, "x\"y"sv},
                                                {0.1, std::monostate{}}};
  CHECK(written("json", columns, rows) ==
        "{\"schema\":\"agentstore/sql/1\",\"columns\":[\"a\",\"b\"],\"rows\":[\n"
        "{\"a\":1,\"b\":\"x\\\"y\"},\n{\"a\":0.1,\"b\":null}\n],\"incomplete\":[]}\n");
  CHECK(written("jsonl", columns, rows) == "{\"a\":1,\"b\":\"x\\\"y\"}\n{\"a\":0.1,\"b\":null}\n");
  CHECK(written("csv", columns, rows) == "a,b\n1,\"x\"\"y\"\n0.1,\n");
  CHECK(written("markdown", columns, rows) ==
        "| a | b |\n| --- | --- |\n| 1 | x\"y |\n| 0.1 |  |\n");
}

TEST_CASE("an answer without rows is one, too") {
  CHECK(written("json", {"a"}, {}) ==
        "{\"schema\":\"agentstore/sql/1\",\"columns\":[\"a\"],\"rows\":[],\"incomplete\":[]}\n");
  CHECK(written("csv", {"a"}, {}) == "a\n");
  CHECK(written("jsonl", {"a"}, {}).empty());
}

TEST_CASE("what no number of JSON is, is null") {
  const double infinite = std::numeric_limits<double>::infinity();
  CHECK(written("jsonl", {"a"}, {{infinite}}) == "{\"a\":null}\n");
  CHECK(written("jsonl", {"a"}, {{SqlBlob{"\x01\xff"sv}}}) == "{\"a\":\"01ff\"}\n");
}

TEST_CASE("a cell of CSV is no formula") {
  CHECK(written("csv", {"a"}, {{"=1"sv}, {"-1"sv}, {"+x"sv}, {"@a"sv}, {""sv}}) ==
        "a\n'=1\n-1\n'+x\n'@a\n\"\"\n");
}

TEST_CASE("nothing in Markdown ends its cell or begins a tag") {
  CHECK(written("markdown", {"a"}, {{"x|y <b>\n::e::"sv}}) ==
        "| a |\n| --- |\n| x\\|y \\<b>\\n::e:: |\n");
}

TEST_CASE("a table cuts its texts to the screen, and no number") {
  const std::string text(200, 'x');
  const std::string out =
      written("table", {"n", "t"}, {{std::int64_t{1234567890}, std::string_view{text}}}, 40);
  CHECK(out.find("1234567890  xxx") != std::string::npos);
  CHECK(out.find("…") != std::string::npos);
}

TEST_CASE("another format is refused") {
  StringSink sink;
  CHECK_FALSE(make_sql_writer("xml", sink, {}, {"a"}));
}

TEST_SUITE_END();
