#include "formats/table.hpp"

#include <doctest/doctest.h>

#include "formats/escape.hpp"

using namespace agentstore::formats;

namespace {

Table sample() {
  Table table{{{.name = "ID"},
               {.name = "NAME", .flexible = true},
               {.name = "EVENTS", .align = Align::right}}};
  table.row({"3f6c0f5e-9d0a-4c39-8d5e-0b2f3a1c7e11", "a search for flights from BER", "8"});
  table.row({"agent-001", "evil\x1b[2J", "12,014"});
  return table;
}

std::string written(const Table& table, const Screen& screen) {
  StringSink sink;
  table.write(sink, screen);
  return sink.text;
}

}  // namespace

TEST_SUITE_BEGIN("table");

TEST_CASE("a pipe gets every cell whole under two header lines") {
  CHECK(written(sample(), {}) ==
        R"(ID                                    NAME                           EVENTS
───────────────────────────────────────────────────────────────────────────
3f6c0f5e-9d0a-4c39-8d5e-0b2f3a1c7e11  a search for flights from BER       8
agent-001                             evil\u{1b}[2J                  12,014
)");
}

TEST_CASE("a terminal cuts the flexible column, then ids to a start that still names them") {
  const std::string text = written(sample(), {.columns = 60});
  CHECK(text.contains("3f6c0f5e-9d0a-4c39-8d5e-0b2f3a1c7e11  a search for …"));
  const std::string narrow = written(sample(), {.columns = 30});
  CHECK(narrow.contains("3f6c0f5e"));
  CHECK(narrow.contains("…"));
}

TEST_CASE("no line is wider than the terminal") {
  for (std::size_t columns = 18; columns < 90; ++columns) {
    CAPTURE(columns);
    const std::string text = written(sample(), {.columns = columns});
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      CHECK(display_width(text.substr(at, end - at)) <= columns);
      at = end + 1;
    }
  }
}

TEST_CASE("a row does not begin with what a CI runner takes for a command") {
  Table table{{{.name = "TOOL"}}};
  table.row({"::error::x"});
  table.row({"  ::add-mask::y"});
  const std::string text = written(table, {});
  CHECK(text.contains("\n\\u{3a}:error::x\n"));
  CHECK(text.contains("\n  \\u{3a}:add-mask::y\n"));
}

TEST_SUITE_END();
