#include "replay/casino_state.hpp"

namespace agentstore {

Decimal CasinoState::amount_in(const Holdings& holdings, std::string_view asset) {
  const auto found = holdings.find(asset);
  return found == holdings.end() ? Decimal{} : found->second;
}

const Bet* CasinoState::bet(std::string_view bet_id) const {
  const auto found = bets_.find(bet_id);
  return found == bets_.end() ? nullptr : &found->second;
}

Result<void> CasinoState::apply(const EventView& event) {
  if (event.type == "AgentRegistered") registered_ = true;
  if (event.type.starts_with("Bet")) note_bet(event);
  return move_funds(event);
}

Result<void> CasinoState::move_funds(const EventView& event) {
  const auto moved = change_of(ledger_, event, notes_);
  if (!moved) return std::unexpected(moved.error());
  if (!*moved) return {};
  const auto& [asset, change] = **moved;
  if (event.type.starts_with("Escrow")) {
    if (auto added = add_amount(locked_[asset], change.negated(), event); !added) return added;
  }
  return add_amount(held_[asset], change, event);
}

// A bet without an id cannot be settled by a command; only its amount counts.
void CasinoState::note_bet(const EventView& event) {
  if (json::kind_of(event.payload) != json::Kind::object) return;
  const auto bet_id = json::find_text(event.payload, "bet_id");
  if (!bet_id) return;
  if (event.type == "BetWon" || event.type == "BetLost") {
    bets_[*bet_id].settled = true;
  } else if (event.type == "BetPlaced") {
    Bet& bet = bets_[*bet_id];
    bet.amount = number_in(json::find(event.payload, "amount").value_or("0")).value_or("0");
    bet.asset = json::find_text(event.payload, "asset").value_or(ledger_.default_asset);
    bet.game = json::find_text(event.payload, "game");
  }
}

std::string CasinoState::to_json() const {
  std::string bets;
  for (const auto& [id, bet] : bets_) {
    if (bet.settled) continue;
    bets += (bets.empty() ? "" : ",") + json::quote(id) + R"(:{"amount":)" + bet.amount +
            R"(,"asset":)" + json::quote(bet.asset) + '}';
  }
  return R"({"registered":)" + std::string{registered_ ? "true" : "false"} + R"(,"held":)" +
         holdings_to_json(held_) + R"(,"locked":)" + holdings_to_json(locked_) +
         R"(,"open_bets":{)" + bets + "}}";
}

Result<void> CasinoState::from_json(std::string_view) {
  return fail(Code::unsupported, "the casino's state is folded from its events alone");
}

}  // namespace agentstore
