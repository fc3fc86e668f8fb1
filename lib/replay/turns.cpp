#include "agentstore/analysis/turns.hpp"

#include <utility>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/analysis/responses.hpp"
#include "agentstore/json.hpp"
#include "agentstore/metadata.hpp"
#include "replay/in_flight.hpp"

namespace agentstore {
namespace {

std::string text_of_event(const EventView& event) {
  const auto text = event_part(event, "text");
  return text ? json::text_of(*text) : std::string{};
}

// A result that stands for none: see unmatched_result.
bool stands_for_none(const EventView& result) {
  const auto unmatched = json::find(result.metadata, "unmatched");
  return unmatched && *unmatched == "true";
}

}  // namespace

struct Turns::Impl {
  std::vector<Turn> turns;
  InFlight in_flight;
  CountedTotals totals;
  Timestamp begun;
  std::size_t answers = 0;  // of the last turn

  Result<void> begin(const EventView& event) {
    if (auto ended = end(); !ended) return ended;
    in_flight.message();
    answers = 0;
    Turn& turn = turns.emplace_back();
    turn.number = turns.size();
    turn.sequence_number = event.sequence_number;
    turn.event_id = event.event_id;
    turn.type = event.type;
    turn.payload = event.payload;
    turn.metadata = event.metadata;
    turn.redacted = event.redacted_by != 0;
    turn.input = text_of_event(event);
    begun = event.timestamp;
    return totals.add(event);
  }

  Result<void> end() {
    if (turns.empty()) return {};
    auto sum = std::exchange(totals, {}).sum();
    if (!sum) return std::unexpected(sum.error());
    turns.back().totals = std::move(*sum);
    return {};
  }

  Result<void> go_on(const EventView& event) {
    Turn& turn = turns.back();
    const EventKind kind = kind_of_type(event.type);
    if (kind == EventKind::answer) answer(turn, event);
    else if (kind == EventKind::call) call(turn, event);
    else if (kind == EventKind::result) result(turn, event);
    else if (kind == EventKind::error) error(turn, event);
    else return totals.add(event);
    if (kind != EventKind::error) turn.error.clear();
    const std::int64_t ms = milliseconds_between(begun, event.timestamp);
    turn.latency_ms = event.timestamp < begun ? std::nullopt : std::optional{ms};
    return totals.add(event);
  }

  void answer(Turn& turn, const EventView& event) {
    const auto took_ms = Metadata::of(event.metadata).duration_ms;
    if (++answers == 1) turn.told_ms = took_ms;
    else if (turn.told_ms)
      turn.told_ms = took_ms ? std::optional{*turn.told_ms + *took_ms} : took_ms;
    turn.answer_redacted = turn.answer_redacted || event.redacted_by != 0;
    const std::string text = text_of_event(event);
    if (text.empty()) return;
    if (!turn.answer.empty()) turn.answer += '\n';
    turn.answer += text;
  }

  void call(Turn& turn, const EventView& event) {
    const InFlight::Call& opened = in_flight.open(event);
    turn.calls.push_back({.sequence_number = event.sequence_number,
                          .tool = opened.tool,
                          .arguments = event_part(event, "tool_args").value_or(""),
                          .group = opened.group,
                          .result_number = 0,
                          .result_event_id = {},
                          .result = std::nullopt});
  }

  void result(Turn& turn, const EventView& event) {
    const auto closed = in_flight.close(event);
    if (!closed) return;
    for (TurnCall& call : turn.calls) {
      if (call.sequence_number != closed->sequence_number) continue;
      call.result_number = event.sequence_number;
      call.result_event_id = event.event_id;
      if (event.redacted_by == 0 && !stands_for_none(event))
        call.result = std::string{event.payload};
    }
  }

  static void error(Turn& turn, const EventView& event) {
    turn.error = text_of_event(event);
    if (turn.error.empty()) turn.error = event.type;
  }
};

Turns::Turns() : impl_{std::make_unique<Impl>()} {}
Turns::Turns(Turns&&) noexcept = default;
Turns& Turns::operator=(Turns&&) noexcept = default;
Turns::~Turns() = default;

Result<void> Turns::take(const EventView& event) {
  if (kind_of_type(event.type) == EventKind::message) return impl_->begin(event);
  return impl_->turns.empty() ? Result<void>{} : impl_->go_on(event);
}

Result<std::vector<Turn>> Turns::finish() {
  if (auto ended = impl_->end(); !ended) return std::unexpected(ended.error());
  return std::move(impl_->turns);
}

}  // namespace agentstore
