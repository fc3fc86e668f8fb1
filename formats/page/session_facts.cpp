#include "formats/page/session_facts.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "agentstore/analysis/event_parts.hpp"
#include "formats/events/bookkeeping.hpp"
#include "formats/events/chat.hpp"
#include "formats/text/escape.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t words_columns = 160;

/// For places on a chart alone.
double height_of(const Decimal& amount) {
  return std::strtod(amount.to_string().c_str(), nullptr);
}

}  // namespace

std::string SessionFacts::masked(std::string_view text) const {
  return mask_ ? mask_(text) : std::string{text};
}

void SessionFacts::see_time(const EventView& event) {
  if (event.timestamp != zero_time) has_times_ = true;
  if (latest_ && event.timestamp < *latest_) ++backward_;
  latest_ = std::max(latest_.value_or(event.timestamp), event.timestamp);
  const std::int64_t at_ms = milliseconds_of(event.timestamp);
  // Most events follow the one before at once.
  if (!busy_.empty() && at_ms >= busy_.back().begin_ms && at_ms - busy_.back().end_ms < 60'000)
    busy_.back().end_ms = std::max(busy_.back().end_ms, at_ms);
  else busy_.push_back({at_ms, at_ms});
}

void SessionFacts::add_call(const EventView& event, Lane& lane) {
  const std::int64_t at_ms = milliseconds_of(event.timestamp);
  lane.calls.push_back({.sequence_number = event.sequence_number,
                        .begin_ms = at_ms,
                        .end_ms = at_ms,
                        .unanswered = true,
                        .words = printable_cut(masked(call_text(event)), words_columns)});
}

Result<void> SessionFacts::add_held(const EventView& event) {
  const auto change = change_of(ledger_, event);
  if (!change) return std::unexpected{change.error()};
  if (!*change) return {};
  HeldOverTime& held = held_[(*change)->asset];
  const auto sum = held.last.plus((*change)->amount);
  if (!sum) return std::unexpected{sum.error()};
  held.last = *sum;
  held.most = std::max(held.most, held.last);
  // Where time runs backwards, the chart goes on at the latest.
  held.points.push_back({milliseconds_of(*latest_), height_of(held.last)});
  return {};
}

void SessionFacts::see_ending(const EventView& event) {
  if (bookkeeping_of(event) || event.type.starts_with("agentstore.")) return;
  switch (kind_of_type(event.type)) {
    case EventKind::message: ending_ = "with a message that has no answer"; break;
    case EventKind::answer: ending_ = "with an answer"; break;
    case EventKind::call:
      ending_ = "in a call of " + tool_name_of(event).value_or("a tool") + " that has no result";
      break;
    case EventKind::result:
      ending_ = "after a result of " + tool_name_of(event).value_or("a tool");
      break;
    case EventKind::error: ending_ = "with an error"; break;
    case EventKind::request: ending_ = "with a request that has no response"; break;
    default: ending_ = "with " + std::string{event.type};
  }
}

Result<void> SessionFacts::take(const EventView& event) {
  ++events_;
  see_time(event);
  pairs_.take(event);
  const EventKind kind = kind_of_type(event.type);
  ++kinds_[kind];
  if (const auto tool = tool_name_of(event)) ++tools_[*tool];
  if (bookkeeping_of(event)) ++bookkeeping_;
  if (kind == EventKind::call) add_call(event, lanes_.front());
  if (kind == EventKind::message)
    messages_.push_back({event.sequence_number, milliseconds_of(event.timestamp)});
  if (kind == EventKind::redaction && event.redacted_by == 0) {
    const auto reason = json::find_text(event.payload, "reason").value_or("");
    const auto by = json::find_text(event.payload, "requested_by").value_or("");
    redactions_[event.sequence_number] =
        masked(reason + (by.empty() ? "" : " (asked for by " + by + ")"));
  }
  see_ending(event);
  return add_held(event);
}

void SessionFacts::take_of_sub_agent(const EventView& event, const std::string& name,
                                     const std::string& page) {
  const auto [found, is_new] = sub_agents_.try_emplace(name);
  SubAgent& agent = found->second;
  if (is_new) {
    agent.lane = lanes_.size();
    lanes_.push_back({.name = masked(name), .page = page});
  }
  agent.pairs.take(event);
  const std::int64_t at_ms = milliseconds_of(event.timestamp);
  busy_.push_back({at_ms, at_ms});
  if (kind_of_type(event.type) == EventKind::call) add_call(event, lanes_[agent.lane]);
}

void SessionFacts::end_calls(Lane& lane, const CallPairs& pairs, std::vector<BusyTime>& busy) {
  for (CallSpan& call : lane.calls) {
    const CallOutcome* const outcome = pairs.outcome_of(call.sequence_number);
    if (outcome == nullptr || outcome->result == 0) continue;
    call.unanswered = false;
    call.failed = outcome->failed;
    call.end_ms = call.begin_ms + std::max<std::int64_t>(0, outcome->duration_ms.value_or(0));
    busy.push_back({call.begin_ms, call.end_ms});
  }
}

void SessionFacts::finish() {
  end_calls(lanes_.front(), pairs_, busy_);
  for (auto& [name, agent] : sub_agents_) end_calls(lanes_[agent.lane], agent.pairs, busy_);
  // Read from above, in the order in which they began.
  std::ranges::stable_sort(lanes_.begin() + 1, lanes_.end(), {}, [](const Lane& lane) {
    return lane.calls.empty() ? std::numeric_limits<std::int64_t>::max()
                              : lane.calls.front().begin_ms;
  });
}

std::string SessionFacts::redaction_text(std::uint64_t redacted_by) const {
  const auto found = redactions_.find(redacted_by);
  return "redacted by #" + std::to_string(redacted_by) +
         (found == redactions_.end() ? std::string{} : ": " + found->second);
}

std::string SessionFacts::ending() const {
  return masked(ending_);
}

}  // namespace agentstore::formats
