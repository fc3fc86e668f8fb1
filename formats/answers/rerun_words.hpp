// What is said of one turn of a rerun, by every answer for people.

#pragma once

#include <string>
#include <vector>

#include "formats/answers/rerun.hpp"

namespace agentstore::formats {

/// "tool calls changed"
std::string verdict_text(TurnVerdict verdict);
/// "2 errors, 1 changed"; "all the same".
std::string counts_text(const TurnCounts& counts);

/// A line of what differs: printable, cut to `columns` but for words of texts.
struct DifferenceLine {
  enum class Mark { none, missing, added } mark = Mark::none;
  std::string text;
};
/// The error; the calls that only one side has; of texts `[-removed-]`, `{+added+}` and the words
/// beside them, long stretches that both have cut.
std::vector<DifferenceLine> difference_lines(const RerunTurn& turn, std::size_t columns);

/// A figure that was recorded, and the candidate's.
struct FigureRow {
  std::string name;
  std::string recorded;
  std::string answered;
  std::string difference;
};
std::vector<FigureRow> figure_rows(const TurnFigures& recorded, const TurnFigures& answered);

}  // namespace agentstore::formats
