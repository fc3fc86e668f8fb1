#include "formats/text/table.hpp"

#include <doctest/doctest.h>

#include "formats/text/escape.hpp"

using namespace agentstore::formats;

namespace {

constexpr const char* long_id = "3f6c0f5e-9d0a-4c39-8d5e-0b2f3a1c7e11";

Table sample() {
  Table table{{{.name = "ID", .role = Role::id},
               {.name = "NAME"},
               {.name = "EVENTS", .role = Role::number},
               {.name = "CREATED", .role = Role::time},
               {.name = "USER"},
               {.name = "ERRORS", .role = Role::number, .secondary = 1, .alarming = true},
               {.name = "OUT", .role = Role::number, .secondary = 2}}};
  table.row({long_id, "a search for flights from BER", "8", "2026-03-07 12:00:00", "u-1", "0",
             "17,835,684"});
  table.row({"agent-001", "evil\x1b[2J", "12,014", "2026-03-01 09:12:41", "u-1", "3", "5"});
  table.row({"total", "", "12,022", "", "", "3", "17,835,689"}, {.total = true});
  return table;
}

std::string written(const Table& table, const Screen& screen) {
  StringSink sink;
  table.write(sink, screen);
  return sink.text;
}

}  // namespace

TEST_SUITE_BEGIN("table");

TEST_CASE("a pipe, and --wide, get every cell whole under two header lines") {
  const std::string whole =
      R"(ID                                    NAME                           EVENTS  CREATED              USER  ERRORS         OUT
──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
3f6c0f5e-9d0a-4c39-8d5e-0b2f3a1c7e11  a search for flights from BER       8  2026-03-07 12:00:00  u-1        0  17,835,684
agent-001                             evil\u{1b}[2J                  12,014  2026-03-01 09:12:41  u-1        3           5
total                                                                12,022                                  3  17,835,689
)";
  CHECK(written(sample(), {}) == whole);
  CHECK(written(sample(), {.columns = 60, .wide = true}) == whole);
}

TEST_CASE("a terminal says constants once, then shortens ids, then leaves out secondary columns") {
  CHECK(written(sample(), {.columns = 100}) == R"(every row: USER u-1
ID         NAME                           EVENTS  CREATED              ERRORS         OUT
─────────────────────────────────────────────────────────────────────────────────────────
3f6c0f5e   a search for flights from BER       8  2026-03-07 12:00:00       0  17,835,684
agent-001  evil\u{1b}[2J                  12,014  2026-03-01 09:12:41       3           5
total                                     12,022                            3  17,835,689
)");
  CHECK(written(sample(), {.columns = 80}) == R"(every row: USER u-1
ID         NAME                           EVENTS  CREATED              ERRORS
─────────────────────────────────────────────────────────────────────────────
3f6c0f5e   a search for flights from BER       8  2026-03-07 12:00:00       0
agent-001  evil\u{1b}[2J                  12,014  2026-03-01 09:12:41       3
total                                     12,022                            3
--wide shows OUT.
)");
  CHECK(written(sample(), {.columns = 60}) == R"(every row: USER u-1
ID         NAME                  EVENTS  CREATED
────────────────────────────────────────────────────────────
3f6c0f5e   a search for flight…       8  2026-03-07 12:00:00
agent-001  evil\u{1b}[2J         12,014  2026-03-01 09:12:41
total                            12,022
--wide shows ERRORS, OUT.
)");
}

TEST_CASE("times lose their seconds, and keys only their middle") {
  Table table{{{.name = "FILE", .role = Role::key},
               {.name = "CALLS", .role = Role::number},
               {.name = "LAST", .role = Role::time}}};
  table.row({"/srv/agents/code/agentstore/lib/store/reader.cpp", "12", "2026-03-07 12:00:00"});
  table.row({"b", "1", "2026-03-08 12:00:00"});
  CHECK(written(table, {.columns = 60})
            .contains("/srv/agents/code/age…lib/store/reader.cpp     12  2026-03-07\n"));
}

TEST_CASE("ids are as long as tells them apart") {
  Table table{{{.name = "ID", .role = Role::id}, {.name = "NAME"}}};
  table.row({"3f6c0f5e-9d0a-4c39-8d5e-0b2f3a1c7e11", std::string(80, 'x')});
  table.row({"3f6c0f5e-9d1a-4c39-8d5e-0b2f3a1c7e11", "y"});
  const std::string text = written(table, {.columns = 60});
  CHECK(text.contains("3f6c0f5e-9d0  xxx"));
  CHECK(text.contains("3f6c0f5e-9d1  y\n"));
}

TEST_CASE("bars are eighths of a column, on a terminal with room for them; tails are never cut") {
  Table table{{{.name = "DAY", .role = Role::key}, {.name = "COST", .role = Role::number}}};
  table.row({"2026-03-07", "$4.00"}, {.share = 1.0});
  table.row({"2026-03-08", "$1.10"}, {.share = 0.275});
  table.row({"2026-03-09", "$0.001"}, {.share = 0.0003});
  table.row({"total", "$5.10"}, {.total = true, .tail = "+ 3 responses unknown"});
  CHECK(written(table, {.columns = 60}) == R"(DAY           COST
──────────────────
2026-03-07   $4.00  ████████████████
2026-03-08   $1.10  ████▍
2026-03-09  $0.001  ▏
total        $5.10  + 3 responses unknown
)");
  CHECK(written(table, {}).contains("2026-03-07   $4.00\n"));
  CHECK(written(table, {.columns = 30}).ends_with("total        $5.10\n+ 3 responses unknown\n"));
}

TEST_CASE("a total is bold, a number that alarms red") {
  const std::string text = written(sample(), {.columns = 100, .color = true});
  CHECK(text.contains("\x1b[1mtotal\x1b[0m"));
  CHECK(text.contains("\x1b[31m3\x1b[0m"));
  CHECK(text.contains("\x1b[2m2026-03-07 12:00:00\x1b[0m"));
}

TEST_CASE("no line is wider than the terminal") {
  for (std::size_t columns = 20; columns < 130; ++columns) {
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
