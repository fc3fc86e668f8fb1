#include "formats/answers/rerun_words.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "agentstore/json.hpp"
#include "formats/events/summary.hpp"
#include "formats/text/difference.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t around_words = 6;  // of what both have, shown beside a change
constexpr std::size_t result_columns = 30;

std::string call_text(const TurnCall& call, std::size_t columns) {
  const std::string payload = "{\"tool\":" + json::quote(call.tool) +
                              ",\"args\":" + (call.arguments.empty() ? "{}" : call.arguments) + "}";
  EventView event;
  event.type = tool_called;
  event.metadata = std::string_view{"{}"};
  event.payload = std::string_view{payload};
  return summary(event, columns);
}

std::string result_text(const TurnCall& call) {
  return call.result ? " → " + printable_value(*call.result, result_columns) : " → no result";
}

// Whether the other side has a call of that tool with those arguments: then the results differ.
bool differs_by_result(const TurnCall& call, const std::vector<TurnCall>& all,
                       const std::vector<std::size_t>& others) {
  return std::ranges::any_of(others, [&](std::size_t other) {
    return all[other].tool == call.tool && all[other].arguments == call.arguments;
  });
}

void add_calls(std::vector<DifferenceLine>& lines, const RerunTurn& turn, std::size_t columns) {
  const auto& [missing, added] = turn.calls;
  const auto& before = turn.recorded.calls;
  const auto& after = turn.answer.calls;
  for (const std::size_t at : missing)
    lines.push_back(
        {DifferenceLine::Mark::missing,
         call_text(before[at], columns) +
             (differs_by_result(before[at], after, added) ? result_text(before[at]) : "")});
  for (const std::size_t at : added)
    lines.push_back(
        {DifferenceLine::Mark::added,
         call_text(after[at], columns) +
             (differs_by_result(after[at], before, missing) ? result_text(after[at]) : "")});
  if (missing.empty() && added.empty())
    lines.push_back({DifferenceLine::Mark::none, "the same calls in another order"});
}

// The words of a stretch that both have: those beside a change.
std::string cut_between(const std::string& text, bool first, bool last) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    words.push_back(std::string_view{text}.substr(at, end - at));
    at = end + 1;
  }
  const std::size_t before = first ? 0 : around_words;
  const std::size_t after = last ? 0 : around_words;
  if (words.size() <= before + after + 1) return text;
  std::string cut_text;
  const auto add = [&](std::string_view word) {
    if (!cut_text.empty()) cut_text += ' ';
    cut_text += word;
  };
  for (std::size_t i = 0; i < before; ++i) add(words[i]);
  add("…");
  for (std::size_t i = words.size() - after; i < words.size(); ++i) add(words[i]);
  return cut_text;
}

std::string changes_text(const std::vector<WordChange>& changes) {
  std::string text;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const WordChange& change = changes[i];
    if (i > 0) text += ' ';
    if (change.kind == WordChange::Kind::both)
      text += printable(cut_between(change.text, i == 0, i + 1 == changes.size()));
    else if (change.kind == WordChange::Kind::removed) text += "[-" + printable(change.text) + "-]";
    else text += "{+" + printable(change.text) + "+}";
  }
  return text;
}

std::string dollars(const std::optional<Decimal>& cost) {
  return cost ? dollars_text(*cost) : "unknown";
}

std::string dollars_between(const std::optional<Decimal>& from, const std::optional<Decimal>& to) {
  const auto difference = from && to ? to->minus(*from) : Result<Decimal>{fail(Code::invalid, {})};
  if (!difference) return "-";
  if (difference->is_zero()) return "0";
  const bool less = difference->is_negative();
  return (less ? "-" : "+") + dollars_text(less ? difference->negated() : *difference);
}

std::string latency_text(const TurnFigures& figures) {
  if (!figures.has_latency) return "-";
  return figures.latency_ms ? duration_text(*figures.latency_ms) : "unknown";
}

}  // namespace

std::string verdict_text(TurnVerdict verdict) {
  std::string text{turn_verdict_name(verdict)};
  std::ranges::replace(text, '_', ' ');
  return text;
}

std::string counts_text(const TurnCounts& counts) {
  std::string text;
  for (std::size_t i = turn_verdicts; i-- > 1;)
    if (counts.by_verdict[i] > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", thousands(counts.by_verdict[i]),
                          verdict_text(static_cast<TurnVerdict>(i)));
  return text.empty() ? "all the same" : text;
}

std::vector<DifferenceLine> difference_lines(const RerunTurn& turn, std::size_t columns) {
  std::vector<DifferenceLine> lines;
  if (turn.verdict == TurnVerdict::error)
    lines.push_back({DifferenceLine::Mark::none, printable_cut(turn.answer.error, columns)});
  if (turn.verdict == TurnVerdict::tool_calls_changed) add_calls(lines, turn, columns);
  if (turn.verdict != TurnVerdict::same && turn.verdict != TurnVerdict::error &&
      !same_but_for_space(turn.recorded.answer, turn.answer.answer))
    lines.push_back({DifferenceLine::Mark::none,
                     changes_text(word_changes(turn.recorded.answer, turn.answer.answer))});
  return lines;
}

std::vector<FigureRow> figure_rows(const TurnFigures& recorded, const TurnFigures& answered) {
  const auto count = [](const char* name, std::int64_t a, std::int64_t b) {
    return FigureRow{name, thousands(a), thousands(b),
                     separated(difference_text(std::to_string(a), std::to_string(b)))};
  };
  std::string latency = "-";
  if (recorded.latency_ms && answered.latency_ms) {
    const std::int64_t ms = *answered.latency_ms - *recorded.latency_ms;
    latency = (ms > 0 ? "+" : "") + (ms == 0 ? "0" : duration_text(ms));
  }
  return {count("tokens in", recorded.tokens_in, answered.tokens_in),
          count("tokens out", recorded.tokens_out, answered.tokens_out),
          {"cost", dollars(recorded.cost_total_usd), dollars(answered.cost_total_usd),
           dollars_between(recorded.cost_total_usd, answered.cost_total_usd)},
          {"latency", latency_text(recorded), latency_text(answered), latency}};
}

}  // namespace agentstore::formats
