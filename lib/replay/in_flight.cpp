#include "replay/in_flight.hpp"

#include <algorithm>
#include <utility>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/json.hpp"
#include "replay/call_ids.hpp"

namespace agentstore {
namespace {

// Of a log in which calls have no results: nothing waits for the oldest of them any more.
constexpr std::size_t open_max = 1024;

}  // namespace

void InFlight::message() {
  open_.clear();
  ordinals_.clear();
}

const InFlight::Call& InFlight::open(const EventView& call, const Fingerprint& print) {
  Call opened{.sequence_number = call.sequence_number,
              .tool = tool_name_of(call).value_or(""),
              .ids = {},
              .print = print};
  any_call_id(call, [&](const std::string& id) {
    opened.ids.push_back(id);
    return false;
  });
  if (!call.event_id.empty()) opened.ids.emplace_back(call.event_id);
  if (open_.empty()) ++groups_;
  opened.group = groups_;
  if (open_.size() == open_max) open_.erase(open_.begin());
  open_.push_back(std::move(opened));
  if (open_.size() > 1) {
    share(open_[open_.size() - 2]);
    share(open_.back());
  }
  return open_.back();
}

void InFlight::share(Call& call) {
  if (call.shared) return;
  call.shared = true;
  call.ordinal = ++ordinals_[call.print];
}

std::optional<InFlight::Call> InFlight::close(const EventView& result) {
  auto found = open_.end();
  const auto names = [&](const std::string& id) {
    found = std::ranges::find_if(
        open_, [&](const Call& call) { return std::ranges::find(call.ids, id) != call.ids.end(); });
    return found != open_.end();
  };
  const bool named = any_call_id(result, names) ||
                     names(json::find_text(result.metadata, "causation_id").value_or(""));
  if (!named) {
    const std::string tool = tool_name_of(result).value_or("");
    found = std::ranges::find(open_, tool, &Call::tool);
  }
  if (found == open_.end()) return std::nullopt;
  std::optional<Call> closed{std::move(*found)};
  open_.erase(found);
  return closed;
}

}  // namespace agentstore
