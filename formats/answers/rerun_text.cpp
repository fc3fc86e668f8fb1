#include <fmt/format.h>

#include <algorithm>

#include "formats/answers/rerun.hpp"
#include "formats/answers/rerun_words.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/paint.hpp"
#include "formats/text/table.hpp"
#include "formats/text/units.hpp"
#include "formats/text/wrap.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t columns_default = 100;
constexpr std::size_t indent = 4;

std::size_t columns_of(const Screen& screen) {
  return screen.columns == 0 || screen.wide ? columns_default
                                            : std::max<std::size_t>(screen.columns, 40);
}

Paint paint_of(TurnVerdict verdict) {
  if (verdict == TurnVerdict::same) return Paint::none;
  return verdict == TurnVerdict::reworded ? Paint::yellow : Paint::red;
}

std::string group_name(std::string by) {
  std::ranges::transform(by, by.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return by;
}

void write_groups(Sink& sink, const RerunAnswer& answer, const Screen& screen) {
  Table table{{{.name = printable_cut(group_name(answer.by), 30), .role = Role::key},
               {.name = "SESSIONS", .role = Role::number},
               {.name = "TURNS", .role = Role::number},
               {.name = "SAME", .role = Role::number},
               {.name = "REWORDED", .role = Role::number},
               {.name = "CHANGED", .role = Role::number},
               {.name = "CALLS", .role = Role::number, .alarming = true},
               {.name = "ERROR", .role = Role::number, .alarming = true}}};
  const auto row = [&](const std::string& name, std::uint64_t sessions, const TurnCounts& counts,
                       bool total) {
    std::vector<std::string> cells{name, thousands(sessions), thousands(counts.turns())};
    for (const std::uint64_t count : counts.by_verdict) cells.push_back(thousands(count));
    table.row(std::move(cells), {.total = total});
  };
  const auto groups = groups_of(answer);
  for (const RerunGroup& group : groups)
    row(group.value.value_or("(none)"), group.sessions, group.counts, false);
  if (groups.size() > 1) row("total", answer.results.size(), answer.counts(), true);
  table.write(sink, screen);
}

void write_figures(Sink& sink, const RerunAnswer& answer, const Screen& screen) {
  Table table{{{.name = "", .role = Role::key},
               {.name = "RECORDED", .role = Role::number},
               {.name = "RERUN", .role = Role::number},
               {.name = "DIFFERENCE", .role = Role::number}}};
  for (FigureRow& row : figure_rows(answer.recorded(), answer.answered()))
    table.row({row.name, row.recorded, row.answered, row.difference});
  table.write(sink, screen);
}

std::string figures_line(const RerunTurn& turn) {
  std::string text;
  for (const FigureRow& row : figure_rows(turn.figures_recorded, turn.figures_answer))
    if (row.recorded != row.answered)
      text += fmt::format("{}{} {} → {}", text.empty() ? "" : ", ", row.name, row.recorded,
                          row.answered);
  return text;
}

void write_turn(Sink& sink, const RerunTurn& turn, const Screen& screen) {
  const std::string head =
      fmt::format("  turn {}  {}  ", turn.recorded.number, verdict_text(turn.verdict));
  const std::size_t room = columns_of(screen) - std::min(columns_of(screen), display_width(head));
  sink.write(painted(head, paint_of(turn.verdict), screen.color) +
             painted(printable_cut(turn.recorded.input, std::max<std::size_t>(room, 20)),
                     Paint::dim, screen.color) +
             "\n");
  const std::string blanks(indent, ' ');
  for (const DifferenceLine& line : difference_lines(turn, columns_of(screen) - indent - 2)) {
    using Mark = DifferenceLine::Mark;
    const char* const mark = line.mark == Mark::missing ? "- "
                             : line.mark == Mark::added ? "+ "
                                                        : "";
    sink.write(blanks + wrapped(mark + line.text, screen, indent, indent) + "\n");
  }
  if (const std::string figures = figures_line(turn); !figures.empty())
    sink.write(blanks +
               painted(wrapped(figures, screen, indent, indent), Paint::dim, screen.color) + "\n");
}

void write_result(Sink& sink, const RerunResult& result, const Screen& screen) {
  const auto candidate = result.labels.find("candidate");
  std::string line = printable(result.session_id) + "  of " + printable(result.rerun_of);
  if (candidate != result.labels.end()) line += "  by " + printable_cut(candidate->second, 30);
  line += ": " + counts_text(result.counts);
  if (result.unanswered > 0) line += fmt::format(", {} not answered", thousands(result.unanswered));
  sink.write("\n" + wrapped(line, screen, 2) + "\n");
  for (const RerunTurn& turn : result.turns)
    if (turn.verdict != TurnVerdict::same) write_turn(sink, turn, screen);
}

}  // namespace

void write_rerun_text(Sink& sink, const RerunAnswer& answer, const Screen& screen) {
  const TurnCounts counts = answer.counts();
  sink.write(fmt::format("{}, {}: {}\n", counted(answer.results.size(), "rerun"),
                         counted(counts.turns(), "turn"),
                         counts.turns() == 0 ? "nothing to compare" : counts_text(counts)));
  if (answer.results.empty()) return;
  sink.write("\n");
  write_groups(sink, answer, screen);
  sink.write("\n");
  write_figures(sink, answer, screen);
  std::size_t same = 0;
  for (const RerunResult& result : answer.results) {
    if (result.counts.turns() == result.counts[TurnVerdict::same] && result.unanswered == 0) ++same;
    else write_result(sink, result, screen);
  }
  if (same > 0) sink.write(fmt::format("\n{} without a difference\n", counted(same, "rerun")));
}

}  // namespace agentstore::formats
