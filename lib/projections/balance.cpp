// The projection `balance`: what a ledger's events come to, in all and by asset.

#include <utility>

#include "projections/amount.hpp"
#include "projections/kinds.hpp"

namespace agentstore {
namespace {

class BalanceProjection : public Projection {
 public:
  explicit BalanceProjection(const Ledger& ledger) : ledger_(ledger) {}

  std::string_view name() const override { return "balance"; }
  // Of another ledger than the built-in one no snapshot is ever made.
  int version() const override { return ledger_.built_in ? 1 : 0; }
  bool looks_at_lines() const override { return false; }

  Result<void> apply(const EventView& event) override {
    const auto change = change_of(ledger_, event, notes_);
    if (!change) return std::unexpected(change.error());
    if (!*change) return {};
    const auto& [asset, amount] = **change;
    if (auto added = add_amount(balance_, amount, event); !added) return added;
    return add_amount(by_asset_[asset], amount, event);
  }

  std::string to_json() const override {
    return R"({"balance":)" + balance_.to_string() + R"(,"by_asset":)" +
           holdings_to_json(by_asset_) + '}';
  }

  Result<void> from_json(std::string_view state) override {
    Decimal balance;
    Holdings by_asset;
    if (!read_decimal(state, "balance", balance) || !read_holdings(state, "by_asset", by_asset)) {
      return fail(Code::corrupt, "this is no state of the projection balance");
    }
    balance_ = balance;
    by_asset_ = std::move(by_asset);
    notes_ = {};
    return {};
  }

  std::span<const FoldNote> notes() const override { return notes_.all(); }

 private:
  const Ledger ledger_;
  Decimal balance_;
  Holdings by_asset_;
  Notes notes_;
};

}  // namespace

std::unique_ptr<Projection> make_balance_projection(const Ledger& ledger) {
  return std::make_unique<BalanceProjection>(ledger);
}

}  // namespace agentstore
