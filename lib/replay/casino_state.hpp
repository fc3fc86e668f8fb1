// The casino's state, as far as its commands look at it.

#pragma once

#include <map>
#include <optional>
#include <string>

#include "agentstore/projection.hpp"
#include "projections/amount.hpp"

namespace agentstore {

struct Bet {
  std::string amount;  ///< a JSON number, with the digits that were placed
  std::string asset;
  std::optional<std::string> game;
  bool settled = false;
};

class CasinoState final : public Projection {
 public:
  /// `ledger` says what the events move: that which `balance` is folded by, too.
  explicit CasinoState(const Ledger& ledger) : ledger_{ledger} {}

  std::string_view name() const override { return "casino"; }
  // As those of `balance`: of another ledger than the built-in one no snapshot is ever made.
  int version() const override { return ledger_.built_in ? 2 : 0; }
  Result<void> apply(const EventView& event) override;
  std::string to_json() const override;
  Result<void> from_json(std::string_view json) override;
  std::span<const FoldNote> notes() const override { return notes_.all(); }

  const Ledger& ledger() const { return ledger_; }
  bool registered() const { return registered_; }
  Decimal held(std::string_view asset) const { return amount_in(held_, asset); }
  Decimal locked(std::string_view asset) const { return amount_in(locked_, asset); }
  /// Nothing where there is none of that id. Of a settled one nothing else is told.
  std::optional<Bet> bet(std::string_view bet_id) const;

 private:
  static Decimal amount_in(const Holdings& holdings, std::string_view asset);
  Result<void> move_funds(const EventView& event);
  void note_bet(const EventView& event);
  std::string bets_to_json() const;

  Ledger ledger_;
  bool registered_ = false;
  Holdings held_;
  Holdings locked_;
  // A long session has many bets, and a command looks at one: those of a snapshot stay as they are
  // written, and `bets_` has what became of them, and new ones, since.
  std::string saved_bets_ = "{}";
  std::map<std::string, Bet, std::less<>> bets_;
  Notes notes_;
};

}  // namespace agentstore
