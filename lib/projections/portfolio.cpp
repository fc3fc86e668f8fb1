// The projection `portfolio`: what is held of each asset by deposits, bets, wins and faucets.

#include <utility>

#include "projections/amount.hpp"
#include "projections/built_in.hpp"

namespace agentstore {
namespace {

int sign_of(std::string_view type) {
  if (type == "FundsDeposited" || type == "BetWon" || type == "FaucetClaimed") return 1;
  if (type == "FundsWithdrawn" || type == "BetPlaced") return -1;
  return 0;
}

class PortfolioProjection : public Projection {
 public:
  std::string_view name() const override { return "portfolio"; }
  int version() const override { return 2; }
  bool looks_at_lines() const override { return false; }

  Result<void> apply(const EventView& event) override {
    const int sign = sign_of(event.type);
    if (sign == 0) remark_uncounted(event, notes_);
    if (sign == 0) return {};
    const auto amount = amount_of(event, amounts_, notes_);
    if (!amount) return std::unexpected(amount.error());
    if (!*amount) return {};
    const auto asset = asset_of(event, assets_, casino_ledger().default_asset, notes_);
    if (!asset) return {};
    return add_amount(holdings_[*asset], sign < 0 ? (*amount)->negated() : **amount, event);
  }

  std::string to_json() const override {
    return R"({"holdings":)" + holdings_to_json(holdings_) + '}';
  }

  Result<void> from_json(std::string_view state) override {
    Holdings holdings;
    if (!read_holdings(state, "holdings", holdings)) {
      return fail(Code::corrupt, "this is not a state of the projection portfolio");
    }
    holdings_ = std::move(holdings);
    notes_ = {};
    return {};
  }

  std::span<const FoldNote> notes() const override { return notes_.all(); }

 private:
  static inline const std::vector<std::string> amounts_{"/amount"};
  static inline const std::vector<std::string> assets_{"/asset"};

  Holdings holdings_;
  Notes notes_;
};

}  // namespace

std::unique_ptr<Projection> make_portfolio_projection() {
  return std::make_unique<PortfolioProjection>();
}

}  // namespace agentstore
