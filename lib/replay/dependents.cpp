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
                                      const std::string& id) {
  const auto found = ids.find(id);
  return found == ids.end() ? std::nullopt : std::optional{found->second};
}

// No id of a session holds a line feed.
std::string within(std::string_view session_id, std::string_view id) {
  std::string key{session_id};
  key += '\n';
  return key.append(id);
}

}  // namespace

std::optional<std::uint64_t> Dependents::cause_of(std::string_view session_id,
                                                  const std::string& id) const {
  const std::string key = within(session_id, id);
  if (const auto own = found_in(own_, key)) {
    if (*own != 0) return own;
  } else if (const auto elsewhere = found_in(events_, id)) {
    return elsewhere;
  }
  const auto call = found_in(calls_, key);
  return call ? call : found_in(bets_, key);
}

std::string Dependents::place(const std::string& id, std::uint64_t sequence_number) const {
  return id + " of " + event_name(naming_, sequence_number) + ")";
}

std::optional<Dependents::Link> Dependents::link_of(const EventView& event) const {
  if (events_.empty() && calls_.empty() && bets_.empty()) return std::nullopt;
  const auto cause = json::find_text(event.metadata, "causation_id");
  if (cause)
    if (const auto on = cause_of(event.session_id, *cause))
      return Link{"was caused by a dropped event (" + place(*cause, *on)};
  if (!calls_.empty() && kind_of_type(event.type) != EventKind::call) {
    Link link;
    const bool answers = any_call_id(event, [&](const std::string& id) {
      const auto on = found_in(calls_, within(event.session_id, id));
      if (on) link.how = "answers a dropped call (" + place(id, *on);
      return on.has_value();
    });
    if (answers) return link;
  }
  if (bets_.empty()) return std::nullopt;
  const auto bet = json::find_id(event.payload, "bet_id");
  if (!bet) return std::nullopt;
  if (const auto on = found_in(bets_, within(event.session_id, *bet)))
    return Link{"belongs to a dropped bet (" + place(*bet, *on)};
  return std::nullopt;
}

void Dependents::keep(const EventView& event) {
  if (!event.event_id.empty()) own_.emplace(within(event.session_id, event.event_id), 0);
}

void Dependents::leave_out(const EventView& event) {
  const std::uint64_t number = event.sequence_number;
  if (!event.event_id.empty()) {
    events_.emplace(event.event_id, number);
    if (naming_) own_.insert_or_assign(within(event.session_id, event.event_id), number);
  }
  if (kind_of_type(event.type) == EventKind::call) {
    any_call_id(event, [&](const std::string& id) {
      calls_.emplace(within(event.session_id, id), number);
      return false;
    });
  }
  for (const std::string_view type : within_a_bet)
    if (event.type == type) return;
  if (const auto bet = json::find_id(event.payload, "bet_id"))
    bets_.emplace(within(event.session_id, *bet), number);
}

}  // namespace agentstore
