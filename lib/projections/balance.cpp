// The projection `balance`: what a ledger's events come to, in all and by asset.

#include <utility>

#include "projections/amount.hpp"
#include "projections/built_in.hpp"

namespace agentstore {
namespace {

class BalanceProjection : public Projection {
 public:
  explicit BalanceProjection(const Ledger& ledger) : ledger_(ledger) {}

  std::string_view name() const override { return "balance"; }
  // Of another ledger than the built-in one no snapshot is ever made.
  int version() const override { return ledger_.built_in ? 2 : 0; }
  bool looks_at_lines() const override { return false; }

  Result<void> apply(const EventView& event) override {
    const auto change = change_of(ledger_, event, notes_);
    if (!change) return std::unexpected(change.error());
    if (!*change) return {};
    const auto& [asset, amount] = **change;
    return add_amount(by_asset_[asset], amount, event);
  }

  std::string to_json() const override {
    return R"({"balance":)" + sum() + R"(,"by_asset":)" + holdings_to_json(by_asset_) + '}';
  }

  Result<void> from_json(std::string_view state) override {
    Decimal balance;
    Holdings by_asset;
    const bool read =
        read_holdings(state, "by_asset", by_asset) &&
        (json::find(state, "balance") == "null" || read_decimal(state, "balance", balance));
    if (!read) return fail(Code::corrupt, "this is not a state of the projection balance");
    by_asset_ = std::move(by_asset);
    notes_ = {};
    return {};
  }

  std::span<const FoldNote> notes() const override { return notes_.all(); }

 private:
  // Over all assets, as the article has it; of the amounts of different assets alone it may be more
  // than a Decimal holds, which is nobody's error.
  std::string sum() const {
    Decimal sum;
    for (const auto& [asset, amount] : by_asset_) {
      const auto next = sum.plus(amount);
      if (!next) return "null";
      sum = *next;
    }
    return sum.to_string();
  }

  const Ledger ledger_;
  Holdings by_asset_;
  Notes notes_;
};

}  // namespace

std::unique_ptr<Projection> make_balance_projection(const Ledger& ledger) {
  return std::make_unique<BalanceProjection>(ledger);
}

}  // namespace agentstore
