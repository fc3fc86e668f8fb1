// Reruns as pages of other programs: Markdown, and JUnit's XML.

#include <fmt/format.h>

#include "formats/answers/rerun.hpp"
#include "formats/answers/rerun_words.hpp"
#include "formats/exports/markdown.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/markup.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t columns = 100;

std::string candidate_of(const RerunResult& result) {
  const auto found = result.labels.find("candidate");
  return found == result.labels.end() ? std::string{} : found->second;
}

std::string lines_of(const RerunTurn& turn) {
  std::string text;
  for (const DifferenceLine& line : difference_lines(turn, columns)) {
    using Mark = DifferenceLine::Mark;
    // A line never begins with what the log says.
    text += line.mark == Mark::missing ? "- " : line.mark == Mark::added ? "+ " : "  ";
    text += line.text + "\n";
  }
  return text;
}

void write_counts(Sink& sink, const RerunAnswer& answer) {
  sink.write("| " + markdown_line(printable_cut(answer.by, 30)) +
             " | sessions | turns | same | reworded | changed | tool calls changed | error |\n"
             "|---|--:|--:|--:|--:|--:|--:|--:|\n");
  for (const RerunGroup& group : groups_of(answer)) {
    sink.write("| " + markdown_line(printable_cut(group.value.value_or("(none)"), 60)) +
               fmt::format(" | {} | {} |", group.sessions, group.counts.turns()));
    for (const std::uint64_t count : group.counts.by_verdict)
      sink.write(fmt::format(" {} |", count));
    sink.write("\n");
  }
  sink.write("\n| | recorded | rerun | difference |\n|---|--:|--:|--:|\n");
  for (const FigureRow& row : figure_rows(answer.recorded(), answer.answered()))
    sink.write(fmt::format("| {} | {} | {} | {} |\n", row.name, row.recorded, row.answered,
                           row.difference));
}

void write_case(Sink& sink, const RerunResult& result, const RerunTurn& turn) {
  const double seconds = static_cast<double>(turn.figures_answer.latency_ms.value_or(0)) / 1000;
  sink.write(fmt::format("    <testcase classname=\"{}\" name=\"turn {}: {}\" time=\"{:.3f}\"",
                         escaped_markup(printable(result.rerun_of)), turn.recorded.number,
                         escaped_markup(printable_cut(turn.recorded.input, 80)), seconds));
  if (turn.verdict == TurnVerdict::same) return sink.write("/>\n");
  const char* const element = turn.verdict == TurnVerdict::error      ? "error"
                              : turn.verdict == TurnVerdict::reworded ? "system-out"
                                                                      : "failure";
  sink.write(fmt::format(">\n      <{}", element));
  if (turn.verdict != TurnVerdict::reworded)
    sink.write(fmt::format(" message=\"{}\"", verdict_text(turn.verdict)));
  sink.write(">" + escaped_markup(lines_of(turn)) +
             fmt::format("</{}>\n    </testcase>\n", element));
}

std::uint64_t failures_in(const TurnCounts& counts) {
  return counts[TurnVerdict::changed] + counts[TurnVerdict::tool_calls_changed];
}

}  // namespace

void write_rerun_markdown(Sink& sink, const RerunAnswer& answer) {
  const TurnCounts counts = answer.counts();
  sink.write(fmt::format("## {}, {}: {}\n\n", counted(answer.results.size(), "rerun"),
                         counted(counts.turns(), "turn"),
                         counts.turns() == 0 ? "nothing to compare" : counts_text(counts)));
  if (answer.results.empty()) return;
  write_counts(sink, answer);
  for (const RerunResult& result : answer.results) {
    if (result.counts.turns() == result.counts[TurnVerdict::same] && result.unanswered == 0)
      continue;
    sink.write("\n### " + markdown_line(printable_cut(result.rerun_of, 128)) + ", by " +
               markdown_line(printable_cut(candidate_of(result), 60)) + ": " +
               counts_text(result.counts));
    if (result.unanswered > 0) sink.write(fmt::format(", {} not answered", result.unanswered));
    sink.write("\n");
    for (const RerunTurn& turn : result.turns) {
      if (turn.verdict == TurnVerdict::same) continue;
      sink.write(
          fmt::format("\n**turn {}, {}**: ", turn.recorded.number, verdict_text(turn.verdict)) +
          markdown_line(printable_cut(turn.recorded.input, columns)) + "\n\n" +
          markdown_code(lines_of(turn), "diff"));
    }
  }
}

void write_rerun_junit(Sink& sink, const RerunAnswer& answer) {
  const TurnCounts counts = answer.counts();
  sink.write(fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"agentstore rerun\" tests=\"{}\" failures=\"{}\" "
      "errors=\"{}\">\n",
      counts.turns() + answer.unanswered(), failures_in(counts), counts[TurnVerdict::error]));
  for (const RerunResult& result : answer.results) {
    sink.write(fmt::format(
        "  <testsuite name=\"{} of {} by {}\" tests=\"{}\" failures=\"{}\" "
        "errors=\"{}\" skipped=\"{}\">\n",
        escaped_markup(printable(result.session_id)), escaped_markup(printable(result.rerun_of)),
        escaped_markup(printable(candidate_of(result))), result.counts.turns() + result.unanswered,
        failures_in(result.counts), result.counts[TurnVerdict::error], result.unanswered));
    for (const RerunTurn& turn : result.turns) write_case(sink, result, turn);
    for (std::uint64_t i = 0; i < result.unanswered; ++i)
      sink.write(
          fmt::format("    <testcase classname=\"{}\" name=\"not answered {}\"><skipped/>"
                      "</testcase>\n",
                      escaped_markup(printable(result.rerun_of)), i + 1));
    sink.write("  </testsuite>\n");
  }
  sink.write("</testsuites>\n");
}

}  // namespace agentstore::formats
