#include "replay/dependents.hpp"

#include <array>
#include <initializer_list>
#include <string_view>

#include "agentstore/analysis/kinds.hpp"
#include "agentstore/json.hpp"
#include "replay/call_ids.hpp"

namespace agentstore {
namespace {

// What a settlement or a fee would take down is the bet's, not its own.
constexpr std::array<std::string_view, 3> within_a_bet = {"BetWon", "BetLost", "FeeCharged"};

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
