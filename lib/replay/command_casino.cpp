// The casino's commands: each becomes the event of its kind, if what the events so far have made of
// the account allows it.

#include <algorithm>
#include <array>
#include <span>

#include "agentstore/command.hpp"
#include "agentstore/internal/nearest.hpp"
#include "agentstore/json.hpp"
#include "agentstore/ledger.hpp"
#include "replay/casino_state.hpp"
#include "replay/command_data.hpp"

namespace agentstore {
namespace {

using Kind = CommandMember::Kind;

std::unexpected<Error> refuse(const std::string& why) {
  return fail(Code::conflict, "refused: " + why);
}

std::string asset_in(const CasinoState& state, const CommandData& data) {
  return data.text("asset").value_or(state.ledger().default_asset);
}

Result<void> can_pay(const CasinoState& state, const CommandData& data, std::string_view member) {
  const std::string asset = asset_in(state, data);
  const Decimal held = state.held(asset);
  const Decimal wanted = data.amount(member);
  if (wanted <= held) return {};
  return refuse("insufficient funds: " + held.to_string() + ' ' + asset + " of " +
                wanted.to_string());
}

Result<void> anything(const CasinoState&, const CommandData&) {
  return {};
}

Result<void> can_pay_amount(const CasinoState& state, const CommandData& data) {
  return can_pay(state, data, "amount");
}

Result<void> is_new_agent(const CasinoState& state, const CommandData&) {
  if (state.registered()) return refuse("the agent is registered already");
  return {};
}

Result<void> can_bet(const CasinoState& state, const CommandData& data) {
  const std::string bet_id = *data.text("bet_id");
  if (state.bet(bet_id)) return refuse("there is a bet \"" + bet_id + "\" already");
  return can_pay_amount(state, data);
}

Result<void> can_charge(const CasinoState& state, const CommandData& data) {
  const auto bet_id = data.text("bet_id");
  if (bet_id && !state.bet(*bet_id)) return refuse("there is no bet \"" + *bet_id + '"');
  return can_pay(state, data, "fee");
}

Result<void> can_release(const CasinoState& state, const CommandData& data) {
  const std::string asset = asset_in(state, data);
  const Decimal locked = state.locked(asset);
  const Decimal wanted = data.amount("amount");
  if (wanted <= locked) return {};
  return refuse("more than is locked: " + locked.to_string() + ' ' + asset + " of " +
                wanted.to_string());
}

/// A command that becomes one event, with the members of its data as payload.
struct Rule {
  std::string_view command;
  std::string_view event_type;
  bool of_asset;  ///< the payload says which, whether the data does or not
  std::array<CommandMember, 4> members;
  Result<void> (*check)(const CasinoState&, const CommandData&);

  std::span<const CommandMember> known() const {
    const auto end = std::ranges::find(members, std::string_view{}, &CommandMember::name);
    return {members.begin(), end};
  }
};

constexpr CommandMember amount{"amount", Kind::amount, true};
constexpr CommandMember asset{"asset"};
constexpr CommandMember bet_id{"bet_id"};
constexpr CommandMember needed_bet_id{"bet_id", Kind::text, true};
constexpr CommandMember tx_id{"tx_id"};
constexpr CommandMember reason{"reason"};

constexpr Rule rules[] = {
    {"RegisterAgent",
     "AgentRegistered",
     false,
     {{{"agent_type", Kind::text, true}, {"display_name"}}},
     is_new_agent},
    {"DepositFunds", "FundsDeposited", true, {{amount, asset, tx_id}}, anything},
    {"WithdrawFunds", "FundsWithdrawn", true, {{amount, asset, tx_id}}, can_pay_amount},
    {"PlaceBet", "BetPlaced", true, {{amount, asset, {"game"}, needed_bet_id}}, can_bet},
    {"ChargeFee", "FeeCharged", true, {{{"fee", Kind::amount, true}, asset, bet_id}}, can_charge},
    {"ClaimFaucet", "FaucetClaimed", true, {{amount, asset, tx_id}}, anything},
    {"LockEscrow", "EscrowLocked", true, {{amount, asset, reason}}, can_pay_amount},
    {"ReleaseEscrow", "EscrowReleased", true, {{amount, asset, reason}}, can_release},
};

constexpr std::string_view settle_bet = "SettleBet";
constexpr CommandMember settle_members[] = {
    needed_bet_id, {"outcome", Kind::text, true}, {"amount", Kind::amount}, {"fee", Kind::amount}};

constexpr std::string_view names[] = {"RegisterAgent", "DepositFunds", "WithdrawFunds",
                                      "PlaceBet",      settle_bet,     "ChargeFee",
                                      "ClaimFaucet",   "LockEscrow",   "ReleaseEscrow"};

void add_member(std::string& payload, std::string_view name, std::string_view token) {
  payload += payload.empty() ? "{" : ",";
  payload += json::quote(name) + ':' + std::string{token};
}

Draft draft_of(const Rule& rule, const CommandData& data, const Ledger& ledger) {
  std::string payload;
  for (const CommandMember& member : rule.known()) {
    const auto token = data.token(member.name);
    if (token) add_member(payload, member.name, *token);
    else if (rule.of_asset && member.name == "asset")
      add_member(payload, "asset", json::quote(ledger.default_asset));
  }
  return {.type = std::string{rule.event_type}, .payload = payload + '}'};
}

Result<void> check_registered(const CasinoState& state) {
  if (!state.registered())
    return fail(Code::conflict, "refused: the agent is not registered",
                "submit RegisterAgent first");
  return {};
}

Result<std::vector<Draft>> decide_by(const Rule& rule, std::string_view text,
                                     const CasinoState& state) {
  const auto data = CommandData::read(rule.command, text, rule.known());
  if (!data) return std::unexpected(data.error());
  if (rule.check != is_new_agent)
    if (auto registered = check_registered(state); !registered)
      return std::unexpected(registered.error());
  if (auto allowed = rule.check(state, *data); !allowed) return std::unexpected(allowed.error());
  return std::vector{draft_of(rule, *data, state.ledger())};
}

/// Whether a bet was won, and what with; the fee that the house takes may come with it.
Result<bool> read_outcome(const CommandData& data) {
  const std::string outcome = *data.text("outcome");
  if (outcome != "won" && outcome != "lost")
    return fail(Code::invalid, "the data of SettleBet has an outcome that is neither won nor lost");
  const bool won = outcome == "won";
  if (won != data.token("amount").has_value())
    return fail(Code::invalid,
                won ? "the data of SettleBet lacks \"amount\": what was paid out, stake included"
                    : "the data of SettleBet has an \"amount\", but the bet was lost");
  return won;
}

std::string bet_payload(const char* member, std::string_view number, const Bet& bet,
                        std::string_view id) {
  std::string payload;
  add_member(payload, member, number);
  add_member(payload, "asset", json::quote(bet.asset));
  if (bet.game) add_member(payload, "game", json::quote(*bet.game));
  add_member(payload, "bet_id", json::quote(id));
  return payload + '}';
}

Result<std::vector<Draft>> settle(std::string_view text, const CasinoState& state) {
  const auto data = CommandData::read(settle_bet, text, settle_members);
  if (!data) return std::unexpected(data.error());
  const auto won = read_outcome(*data);
  if (!won) return std::unexpected(won.error());
  if (auto registered = check_registered(state); !registered)
    return std::unexpected(registered.error());
  const std::string id = *data->text("bet_id");
  const auto bet = state.bet(id);
  if (!bet) return refuse("there is no bet \"" + id + '"');
  if (bet->settled) return refuse("the bet \"" + id + "\" is settled already");

  const auto paid = *won ? *data->token("amount") : std::string_view{bet->amount};
  std::vector<Draft> drafts{
      {.type = *won ? "BetWon" : "BetLost", .payload = bet_payload("amount", paid, *bet, id)}};
  const auto fee = data->token("fee");
  if (!fee) return drafts;
  const auto held = state.held(bet->asset).plus(data->amount("amount"));
  if (!held) return std::unexpected(held.error());
  if (data->amount("fee") > *held)
    return refuse("insufficient funds for the fee: " + held->to_string() + ' ' + bet->asset);
  Bet without_game = *bet;
  without_game.game.reset();
  drafts.push_back({.type = "FeeCharged", .payload = bet_payload("fee", *fee, without_game, id)});
  return drafts;
}

/// What an event that is not written yet would move. Errors: conflict, where the ledger counts its
/// type and cannot read it, or counts what is paid out as nothing.
Result<std::optional<LedgerChange>> change_by(const Ledger& ledger, const Draft& draft) {
  Notes notes;
  EventView event;
  event.type = draft.type;
  event.payload = json::Value{draft.payload};
  auto change = change_of(ledger, event, notes);
  if (!change || *change) return change;
  if (!notes.all().empty())
    return refuse("the ledger in force cannot count it: " + notes.all().front().message);
  const auto known = casino_ledger().types.find(draft.type);
  if (known != casino_ledger().types.end() && known->second.sign < 0)
    return refuse("the ledger in force does not count " + draft.type +
                  ", so that nobody would see it paid");
  return change;
}

/// Holds what is to be written to the ledger in force, which need not be the built-in one: nothing
/// that it counts may take a balance below zero.
Result<void> check_by_ledger(const std::vector<Draft>& drafts, const CasinoState& state) {
  Holdings held;
  for (const Draft& draft : drafts) {
    const auto change = change_by(state.ledger(), draft);
    if (!change) return std::unexpected(change.error());
    if (!*change) continue;
    const auto& [moved, by] = **change;
    const Decimal before = held.try_emplace(moved, state.held(moved)).first->second;
    const auto after = before.plus(by);
    if (!after) return std::unexpected(after.error());
    if (by.is_negative() && after->is_negative())
      return refuse("insufficient funds: " + before.to_string() + ' ' + moved + " of " +
                    by.negated().to_string() + ", by the ledger in force");
    held[moved] = *after;
  }
  return {};
}

class CasinoCommands final : public CommandHandler {
 public:
  explicit CasinoCommands(const Ledger& ledger) : state_{ledger} {}

  Result<void> apply(const EventView& event) override { return state_.apply(event); }

  Result<std::vector<Draft>> decide(std::string_view command,
                                    std::string_view data) const override {
    auto drafts = drafts_of(command, data, state_);
    if (!drafts) return drafts;
    if (auto allowed = check_by_ledger(*drafts, state_); !allowed)
      return std::unexpected(allowed.error());
    return drafts;
  }

  std::span<const FoldNote> notes() const override { return state_.notes(); }
  std::string_view name() const override { return state_.name(); }
  int version() const override { return state_.version(); }
  std::string to_json() const override { return state_.to_json(); }
  Result<void> from_json(std::string_view json) override { return state_.from_json(json); }

 private:
  static Result<std::vector<Draft>> drafts_of(std::string_view command, std::string_view data,
                                              const CasinoState& state) {
    if (command == settle_bet) return settle(data, state);
    const auto* const rule = std::ranges::find(rules, command, &Rule::command);
    if (rule != std::end(rules)) return decide_by(*rule, data, state);
    const std::string near =
        nearest(command, std::vector<std::string>{std::begin(names), std::end(names)});
    std::string hint = near.empty() ? "there are" : "did you mean " + near + "?";
    if (near.empty())
      for (const std::string_view name : names) hint += ' ' + std::string{name};
    return fail(Code::invalid, "there is no command \"" + std::string{command.substr(0, 60)} + '"',
                hint);
  }

  CasinoState state_;
};

}  // namespace

CommandHandlerFactory casino_commands(const Ledger& ledger) {
  return [ledger](std::string_view) { return std::make_unique<CasinoCommands>(ledger); };
}

}  // namespace agentstore
