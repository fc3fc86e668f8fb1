#include "formats/answers/rerun.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "formats/text/json_fields.hpp"

namespace agentstore::formats {
namespace {

std::string cost_json(const std::optional<Decimal>& cost) {
  return cost ? cost->to_string() : "null";
}

std::string counts_members(const TurnCounts& counts) {
  std::string out;
  for (std::size_t i = 0; i < turn_verdicts; ++i)
    out += fmt::format("{}\"{}\":{}", i == 0 ? "" : ",",
                       turn_verdict_name(static_cast<TurnVerdict>(i)), counts.by_verdict[i]);
  return out;
}

std::string figures_members(const TurnFigures& figures, std::string_view prefix = {}) {
  return fmt::format(R"("{0}tokens_in":{1},"{0}tokens_out":{2},"{0}cost_total_usd":{3},)"
                     R"("{0}latency_ms":{4})",
                     prefix, figures.tokens_in, figures.tokens_out,
                     cost_json(figures.cost_total_usd), number_json(figures.latency_ms));
}

std::string call_json(const TurnCall& call) {
  return "{\"tool_name\":" + (call.tool.empty() ? "null" : json::quote(call.tool)) +
         ",\"tool_args\":" + (call.arguments.empty() ? "null" : call.arguments) +
         ",\"result\":" + call.result.value_or("null") + "}";
}

std::string side_json(const Turn& turn, const TurnFigures& figures) {
  return fmt::format(
      R"({{"sequence_number":{},"text":{},"tool_calls":{},"error":{},{}}})", turn.sequence_number,
      json::quote(turn.answer), array_json(turn.calls, call_json),
      turn.error.empty() ? "null" : json::quote(turn.error), figures_members(figures));
}

std::string word_json(const WordChange& change) {
  constexpr std::string_view marks[] = {"=", "-", "+"};
  return fmt::format("[\"{}\",{}]", marks[static_cast<std::size_t>(change.kind)],
                     json::quote(change.text));
}

std::string words_json(const RerunTurn& turn) {
  if (turn.verdict != TurnVerdict::reworded && turn.verdict != TurnVerdict::changed) return "null";
  return array_json(word_changes(turn.recorded.answer, turn.answer.answer), word_json);
}

std::string turn_json(const RerunTurn& turn) {
  return fmt::format(
      R"({{"turn":{},"verdict":"{}","input":{},"recorded":{},"rerun":{},"words":{}}})",
      turn.recorded.number, turn_verdict_name(turn.verdict), json::quote(turn.recorded.input),
      side_json(turn.recorded, turn.figures_recorded), side_json(turn.answer, turn.figures_answer),
      words_json(turn));
}

std::string group_json(const RerunGroup& group, const std::string& by) {
  return fmt::format(R"({{"by":{{{}:{}}},"sessions":{},"turns":{{{}}}}})", json::quote(by),
                     text_json(group.value), group.sessions, counts_members(group.counts));
}

std::string result_json(const RerunResult& result) {
  return fmt::format(
      R"({{"session_id":{},"rerun_of":{},"labels":{},"turns":{{{}}},"unanswered":{},)"
      R"("recorded":{{{}}},"rerun":{{{}}},"details":{}}})",
      json::quote(result.session_id), json::quote(result.rerun_of), labels_json(result.labels),
      counts_members(result.counts), result.unanswered, figures_members(result.recorded),
      figures_members(result.answered), array_json(result.turns, turn_json));
}

}  // namespace

void TurnCounts::add(const TurnCounts& other) {
  for (std::size_t i = 0; i < turn_verdicts; ++i) by_verdict[i] += other.by_verdict[i];
}

std::uint64_t TurnCounts::turns() const {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : by_verdict) sum += count;
  return sum;
}

bool TurnCounts::is_worse(const TurnCounts& other) const {
  for (std::size_t i = turn_verdicts; i-- > 1;)
    if (by_verdict[i] != other.by_verdict[i]) return by_verdict[i] > other.by_verdict[i];
  return false;
}

TurnFigures TurnFigures::of(const Turn& turn, std::optional<std::int64_t> latency_ms) {
  const auto cost = turn.totals.cost_total_usd();
  const bool answered = !turn.answer.empty() || !turn.calls.empty() || !turn.error.empty();
  return {.tokens_in = turn.totals.tokens_in,
          .tokens_out = turn.totals.tokens_out,
          .cost_total_usd = cost ? *cost : std::nullopt,
          .latency_ms = answered ? latency_ms : std::nullopt,
          .has_latency = answered};
}

void TurnFigures::add(const TurnFigures& other) {
  tokens_in += other.tokens_in;
  tokens_out += other.tokens_out;
  if (cost_total_usd && other.cost_total_usd) {
    const auto sum = cost_total_usd->plus(*other.cost_total_usd);
    cost_total_usd = sum ? std::optional{*sum} : std::nullopt;
  } else {
    cost_total_usd.reset();
  }
  if (!other.has_latency) return;
  if (!std::exchange(has_latency, true)) latency_ms = other.latency_ms;
  else if (latency_ms && other.latency_ms) latency_ms = *latency_ms + *other.latency_ms;
  else latency_ms.reset();
}

TurnCounts RerunAnswer::counts() const {
  TurnCounts sum;
  for (const RerunResult& one : results) sum.add(one.counts);
  return sum;
}

TurnFigures RerunAnswer::recorded() const {
  TurnFigures sum;
  for (const RerunResult& one : results) sum.add(one.recorded);
  return sum;
}

TurnFigures RerunAnswer::answered() const {
  TurnFigures sum;
  for (const RerunResult& one : results) sum.add(one.answered);
  return sum;
}

std::uint64_t RerunAnswer::unanswered() const {
  std::uint64_t sum = 0;
  for (const RerunResult& one : results) sum += one.unanswered;
  return sum;
}

std::vector<RerunGroup> groups_of(const RerunAnswer& answer) {
  std::map<std::optional<std::string>, RerunGroup> groups;
  for (const RerunResult& result : answer.results) {
    const auto label = result.labels.find(answer.by);
    std::optional<std::string> value;
    if (label != result.labels.end()) value = label->second;
    RerunGroup& group = groups[value];
    group.value = value;
    ++group.sessions;
    group.counts.add(result.counts);
  }
  std::vector<RerunGroup> out;
  for (auto& [value, group] : groups) out.push_back(std::move(group));
  std::ranges::stable_sort(
      out, [](const RerunGroup& a, const RerunGroup& b) { return a.counts.is_worse(b.counts); });
  return out;
}

std::string rerun_fields(const RerunAnswer& answer) {
  const TurnCounts counts = answer.counts();
  return fmt::format(R"({{"sessions":{},"turns":{},{},"unanswered":{},{},{}}})",
                     answer.results.size(), counts.turns(), counts_members(counts),
                     answer.unanswered(), figures_members(answer.answered()),
                     figures_members(answer.recorded(), "recorded_"));
}

void write_rerun_json(Sink& sink, const RerunAnswer& answer) {
  sink.write(fmt::format(
      R"({{"schema":"agentstore/rerun/1","sessions":{},"turns":{{{}}},"unanswered":{},)"
      R"("recorded":{{{}}},"rerun":{{{}}},"groups":{},"results":[)",
      answer.results.size(), counts_members(answer.counts()), answer.unanswered(),
      figures_members(answer.recorded()), figures_members(answer.answered()),
      array_json(groups_of(answer),
                 [&](const RerunGroup& group) { return group_json(group, answer.by); })));
  for (std::size_t i = 0; i < answer.results.size(); ++i)
    sink.write((i == 0 ? "" : ",") + result_json(answer.results[i]));
  sink.write("],\"incomplete\":" + incomplete_json(answer.incomplete) + "}\n");
}

}  // namespace agentstore::formats
