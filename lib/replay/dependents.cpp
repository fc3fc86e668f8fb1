#include "replay/dependents.hpp"

#include <array>
#include <initializer_list>
#include <string_view>

#include "agentstore/analysis/kinds.hpp"
#include "agentstore/json.hpp"

namespace agentstore {
namespace {

// Names under which a call's id stands, in payloads and metadata.
constexpr std::array<std::string_view, 5> call_names = {"tool_call_id", "tool_use_id", "call_id",
                                                        "toolCallId", "id"};
constexpr std::size_t names_of_others = 4;  // an `id` is a call's only in a tool's event

// What a settlement or a fee would take down is the bet's, not its own.
constexpr std::array<std::string_view, 3> within_a_bet = {"BetWon", "BetLost", "FeeCharged"};

bool is_tools(std::string_view type) {
  return is_tool_event(type) || type.starts_with("tool.");
}

// Gives each id of a call that an event names to `use`, until it says true.
template <class Use>
bool any_call_id(const EventView& event, Use use) {
  const auto extra = json::find(event.metadata, "extra").value_or(std::string_view{});
  for (const json::Value& object : {event.payload, event.metadata, json::Value{extra}}) {
    const std::size_t names = is_tools(event.type) ? call_names.size() : names_of_others;
    for (std::size_t i = 0; i < names; ++i) {
      const auto id = json::find_text(object, call_names[i]);
      if (id && !id->empty() && use(*id)) return true;
    }
  }
  return false;
}

std::optional<std::uint64_t> found_in(const std::map<std::string, std::uint64_t>& ids,
                                      const std::optional<std::string>& id) {
  if (!id) return std::nullopt;
  const auto found = ids.find(*id);
  return found == ids.end() ? std::nullopt : std::optional{found->second};
}

std::string place(const std::string& id, std::uint64_t sequence_number) {
  return id + " of #" + std::to_string(sequence_number) + ")";
}

}  // namespace

std::optional<Dependents::Link> Dependents::link_of(const EventView& event) const {
  if (events_.empty() && calls_.empty() && bets_.empty()) return std::nullopt;
  const auto cause = json::find_text(event.metadata, "causation_id");
  for (const auto* const ids : {&events_, &calls_, &bets_})
    if (const auto on = found_in(*ids, cause))
      return Link{"was caused by a dropped event (" + place(*cause, *on)};
  if (!calls_.empty() && kind_of_type(event.type) != EventKind::call) {
    Link link;
    const bool answers = any_call_id(event, [&](const std::string& id) {
      const auto on = found_in(calls_, id);
      if (on) link.how = "answers a dropped call (" + place(id, *on);
      return on.has_value();
    });
    if (answers) return link;
  }
  if (bets_.empty()) return std::nullopt;
  const auto bet = json::find_text(event.payload, "bet_id");
  if (const auto on = found_in(bets_, bet))
    return Link{"belongs to a dropped bet (" + place(*bet, *on)};
  return std::nullopt;
}

void Dependents::leave_out(const EventView& event) {
  const std::uint64_t number = event.sequence_number;
  if (!event.event_id.empty()) events_.emplace(event.event_id, number);
  if (kind_of_type(event.type) == EventKind::call) {
    any_call_id(event, [&](const std::string& id) {
      calls_.emplace(id, number);
      return false;
    });
  }
  for (const std::string_view type : within_a_bet)
    if (event.type == type) return;
  if (auto bet = json::find_text(event.payload, "bet_id"); bet && !bet->empty())
    bets_.emplace(std::move(*bet), number);
}

}  // namespace agentstore
