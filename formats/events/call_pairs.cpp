#include "formats/events/call_pairs.hpp"

#include <algorithm>
#include <string_view>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"
#include "agentstore/metadata.hpp"
#include "formats/events/talk.hpp"
#include "formats/text/code_points.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t why_bytes_max = 200;

}  // namespace

std::string call_id_of(const EventView& event) {
  constexpr std::string_view names[] = {"tool_use_id", "call_id", "tool_call_id", "toolCallId"};
  const auto extra = json::find(event.metadata, "extra").value_or(json::Value{});
  for (const std::string_view object : {std::string_view{event.payload}, std::string_view{extra}}) {
    if (json::kind_of(object.empty() ? "null" : object) != json::Kind::object) continue;
    for (const std::string_view name : names)
      if (auto id = json::find_id(object, name)) return *id;
  }
  if (json::kind_of(event.payload) != json::Kind::object) return {};
  return json::find_id(event.payload, "id").value_or("");
}

std::string bad_ending_of(const EventView& result) {
  const Ending ending = ending_of(result, is_tool_error(result), why_bytes_max);
  if (ending.words != "failed") return ending.words;
  const std::size_t begun =
      std::min(ending.detail.find_first_not_of(" \r\n\t"), ending.detail.size());
  const std::string line =
      ending.detail.substr(begun, ending.detail.find_first_of("\r\n", begun) - begun);
  return line.empty() ? ending.words
                      : ending.words + ": " + std::string{cut_utf8(line, why_bytes_max)};
}

void CallPairs::take(const EventView& event) {
  const EventKind kind = kind_of_type(event.type);
  if (kind == EventKind::call) call(event);
  if (kind == EventKind::result) result(event);
}

void CallPairs::call(const EventView& event) {
  outcomes_[event.sequence_number].called_at = event.timestamp;
  const std::string id = call_id_of(event);
  if (!id.empty()) open_by_id_[id] = event.sequence_number;
  if (!event.event_id.empty()) open_by_id_[std::string{event.event_id}] = event.sequence_number;
  if (id.empty()) open_by_tool_[tool_name_of(event).value_or("")].push_back(event.sequence_number);
}

std::optional<std::uint64_t> CallPairs::answered_by(const EventView& event) {
  for (const std::string& id :
       {call_id_of(event), json::find_text(event.metadata, "causation_id").value_or("")}) {
    const auto found = open_by_id_.find(id);
    if (!id.empty() && found != open_by_id_.end()) return found->second;
  }
  const auto open = open_by_tool_.find(tool_name_of(event).value_or(""));
  if (open == open_by_tool_.end() || open->second.empty()) return std::nullopt;
  return open->second.back();
}

void CallPairs::result(const EventView& event) {
  const auto call = answered_by(event);
  if (!call) return;
  if (const auto open = open_by_tool_.find(tool_name_of(event).value_or(""));
      open != open_by_tool_.end())
    std::erase(open->second, *call);
  calls_of_results_[event.sequence_number] = *call;
  CallOutcome& outcome = outcomes_[*call];
  outcome.result = event.sequence_number;
  outcome.duration_ms = Metadata::of(event.metadata).duration_ms;
  if (!outcome.duration_ms && json::kind_of(event.payload) == json::Kind::object)
    outcome.duration_ms = json::find_integer(event.payload, "duration_ms");
  const std::int64_t between_ms = milliseconds_between(outcome.called_at, event.timestamp);
  if (!outcome.duration_ms && between_ms >= 0) outcome.duration_ms = between_ms;
  if (event.redacted_by == 0) outcome.ending = bad_ending_of(event);
  outcome.failed = !outcome.ending.empty();
}

std::optional<std::uint64_t> CallPairs::call_of(std::uint64_t result) const {
  const auto found = calls_of_results_.find(result);
  return found == calls_of_results_.end() ? std::nullopt : std::optional{found->second};
}

const CallOutcome* CallPairs::outcome_of(std::uint64_t call) const {
  const auto found = outcomes_.find(call);
  return found == outcomes_.end() ? nullptr : &found->second;
}

}  // namespace agentstore::formats
