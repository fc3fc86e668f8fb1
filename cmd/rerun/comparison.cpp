#include "cmd/rerun/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <ranges>

#include "agentstore/analysis/rerun.hpp"
#include "cmd/words/labels.hpp"

namespace agentstore::cmd {
namespace {

/// The last event of the source that was asked about.
std::uint64_t last_asked(const Session& session) {
  const std::string until = label_of(session.labels, "until");
  std::uint64_t number = std::numeric_limits<std::uint64_t>::max();
  std::from_chars(until.data(), until.data() + until.size(), number);
  return number;
}

std::string path_in(const std::map<std::uint64_t, const Turn*>& answers) {
  return answers.empty() ? std::string{} : RerunMark::of(answers.begin()->second->metadata)->path;
}

/// What was made by another version of this program.
std::uint64_t turns_of_other_versions(const std::vector<Turn>& turns) {
  return static_cast<std::uint64_t>(std::ranges::count_if(turns, [](const Turn& turn) {
    const auto mark = RerunMark::of(turn.metadata);
    return mark && mark->version != RerunMark::version_now;
  }));
}

}  // namespace

std::optional<formats::RerunResult> Comparison::of(const Input& rerun) {
  const Session& session = rerun.session();
  const auto made = turns_of(rerun, on_corrupt_, gate_);
  if (!made) {
    gate_.failed(made.error());
    return std::nullopt;
  }
  if (const std::uint64_t others = turns_of_other_versions(*made); others > 0)
    gate_.lacks({fmt::format("{}: {} of its turns were made by another version of agentstore, and "
                             "are left out",
                             session.id, others)},
                1);
  const auto answers = answered_turns(*made);
  const auto recorded =
      sources_.turns(label_of(session.labels, std::string{rerun_label}), path_in(answers));
  if (!recorded) {
    Error error = recorded.error();
    error.message = session.id + ": " + error.message;
    gate_.failed(error);
    return std::nullopt;
  }
  return compared(session, **recorded, answers);
}

formats::RerunResult Comparison::compared(const Session& session, const std::vector<Turn>& recorded,
                                          const std::map<std::uint64_t, const Turn*>& answers) {
  formats::RerunResult result{.session_id = session.id,
                              .rerun_of = label_of(session.labels, std::string{rerun_label}),
                              .labels = session.labels,
                              .turns = {},
                              .counts = {},
                              .recorded = {},
                              .answered = {}};
  std::uint64_t redacted = 0;
  const std::uint64_t last = last_asked(session);
  for (const Turn& turn : recorded) {
    if (turn.sequence_number > last) break;
    const auto found = answers.find(turn.number);
    redacted += turn.redacted || turn.answer_redacted ? 1 : 0;
    if (found == answers.end()) {
      if (!turn.redacted) ++result.unanswered;
      continue;
    }
    formats::RerunTurn& pair = result.turns.emplace_back(turn, *found->second);
    // What stands there now is not what was asked: cut back, imported anew, edited.
    if (!turn.redacted && pair.answer.input != turn.input)
      pair.answer.error = "the session has another message there than the one that was asked";
    const auto mark = RerunMark::of(pair.answer.metadata);
    pair.verdict = comparer_.compare(pair.recorded, pair.answer);
    pair.calls = comparer_.calls(pair.recorded, pair.answer);
    pair.figures_recorded = formats::TurnFigures::of(turn, turn.latency_ms);
    const auto told_ms = pair.answer.told_ms;
    pair.figures_answer =
        formats::TurnFigures::of(pair.answer, told_ms ? told_ms : mark->latency_ms);
    ++result.counts[pair.verdict];
    result.recorded.add(pair.figures_recorded);
    result.answered.add(pair.figures_answer);
  }
  gate_.count(result.turns.size());
  if (redacted > 0)
    gate_.lacks(
        {fmt::format("{}: redacted turns of {}: {}", session.id, result.rerun_of, redacted)}, 1);
  if (result.unanswered > 0)
    gate_.lacks({fmt::format("{}: turns of {} that are not answered: {}", session.id,
                             result.rerun_of, result.unanswered)},
                1);
  return result;
}

void sort_by_badness(std::vector<formats::RerunResult>& results) {
  std::ranges::stable_sort(results, [](const auto& a, const auto& b) {
    if (a.counts.is_worse(b.counts)) return true;
    if (b.counts.is_worse(a.counts)) return false;
    return a.unanswered != b.unanswered ? a.unanswered > b.unanswered : a.rerun_of < b.rerun_of;
  });
}

}  // namespace agentstore::cmd
