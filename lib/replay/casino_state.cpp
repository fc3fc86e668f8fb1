#include "replay/casino_state.hpp"

namespace agentstore {
namespace {

// true: it is settled; else its amount, and what is not as usual: its asset, its game.
std::string bet_to_json(const Bet& bet) {
  if (bet.settled) return "true";
  const bool usual = bet.asset == casino_ledger().default_asset;
  return '[' + json::quote(bet.amount) + ',' + (usual ? "null" : json::quote(bet.asset)) +
         (bet.game ? ',' + json::quote(*bet.game) : std::string{}) + ']';
}

Bet read_bet(std::string_view value) {
  Bet bet{.amount = {}, .asset = casino_ledger().default_asset, .game = {}, .settled = true};
  if (json::kind_of(value) != json::Kind::array) return bet;
  bet.settled = false;
  std::size_t member = 0;
  for (json::Walk walk{value}; walk.next(); ++member) {
    if (json::kind_of(walk.value()) != json::Kind::string) continue;
    if (member == 0) bet.amount = json::text_of(walk.value());
    else if (member == 1) bet.asset = json::text_of(walk.value());
    else bet.game = json::text_of(walk.value());
  }
  return bet;
}

// What a bet is after events that may have placed it anew, or settled it for good.
Bet since(Bet saved, const Bet& later) {
  const bool settled = saved.settled || later.settled;
  if (!later.amount.empty()) saved = later;
  saved.settled = settled;
  return saved;
}

}  // namespace

Decimal CasinoState::amount_in(const Holdings& holdings, std::string_view asset) {
  const auto found = holdings.find(asset);
  return found == holdings.end() ? Decimal{} : found->second;
}

std::optional<Bet> CasinoState::bet(std::string_view bet_id) const {
  const auto saved = json::find(saved_bets_, bet_id);
  const auto found = bets_.find(bet_id);
  if (found == bets_.end()) return saved ? std::optional{read_bet(*saved)} : std::nullopt;
  return saved ? since(read_bet(*saved), found->second) : found->second;
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

// Bets that are settled are needed, too: they cannot be settled twice.
std::string CasinoState::to_json() const {
  return R"({"registered":)" + std::string{registered_ ? "true" : "false"} + R"(,"held":)" +
         holdings_to_json(held_) + R"(,"locked":)" + holdings_to_json(locked_) + R"(,"bets":)" +
         bets_to_json() + '}';
}

// Both in order of ids.
std::string CasinoState::bets_to_json() const {
  std::string out = "{";
  const auto add = [&](std::string_view id, const Bet& bet) {
    out += (out.size() > 1 ? "," : "") + json::quote(id) + ':' + bet_to_json(bet);
  };
  auto next = bets_.begin();
  for (json::Walk walk{saved_bets_}; walk.next();) {
    const std::string id = json::text_of(walk.key());
    for (; next != bets_.end() && next->first < id; ++next) add(next->first, next->second);
    const Bet saved = read_bet(walk.value());
    if (next != bets_.end() && next->first == id) add(id, since(saved, (next++)->second));
    else add(id, saved);
  }
  for (; next != bets_.end(); ++next) add(next->first, next->second);
  return out + '}';
}

Result<void> CasinoState::from_json(std::string_view state) {
  CasinoState read{ledger_};
  const auto registered = json::find(state, "registered");
  const auto bets = json::find(state, "bets");
  if (!registered || !bets || json::kind_of(*bets) != json::Kind::object ||
      !read_holdings(state, "held", read.held_) || !read_holdings(state, "locked", read.locked_))
    return fail(Code::corrupt, "this is not a state of the projection casino");
  read.registered_ = *registered == "true";
  read.saved_bets_ = *bets;
  *this = std::move(read);
  return {};
}

}  // namespace agentstore
