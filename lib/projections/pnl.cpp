// The projection `pnl`: profit and loss of bets.
//
//   net_pnl = total_won - total_wagered - total_fees
//   win_rate = win_count / bet_count, roi = net_pnl / total_wagered: 0 where the divisor is 0
//
// The sums are over all assets, as the article has them. Where that is not the default asset alone,
// the state names the assets; the second that is met is a remark.

#include <set>
#include <type_traits>

#include "projections/amount.hpp"
#include "projections/built_in.hpp"
#include "projections/state_text.hpp"

namespace agentstore {
namespace {

constexpr int rate_places = 6;

std::string rate(const Decimal& part, const Decimal& whole) {
  if (whole.is_zero()) return "0";
  const auto quotient = part.divided_by(whole, rate_places);
  return quotient ? quotient->to_string() : "null";  // It has more digits than can be held.
}

class PnlProjection : public Projection {
 public:
  std::string_view name() const override { return "pnl"; }
  int version() const override { return 2; }
  bool looks_at_lines() const override { return false; }

  Result<void> apply(const EventView& event) override {
    if (event.type == "BetPlaced") {
      ++bet_count_;
      return add(total_wagered_, event, amounts_of_bets_, 1);
    }
    if (event.type == "BetWon") {
      ++win_count_;
      return add(total_won_, event, amounts_of_bets_, -1);
    }
    if (event.type == "FeeCharged") return add(total_fees_, event, amounts_of_fees_, 1);
    return {};
  }

  std::string to_json() const override { return state_to_json(*this); }

  Result<void> from_json(std::string_view state) override {
    PnlProjection read;
    if (!read_state(state, read) || !read.read_assets(state))
      return fail(Code::corrupt, "this is not a state of the projection pnl");
    *this = std::move(read);
    return {};
  }

  template <class Self, class State>
  static void members(Self& self, State& state) {
    state.member("total_wagered", self.total_wagered_);
    state.member("total_won", self.total_won_);
    state.member("total_fees", self.total_fees_);
    state.member("bet_count", self.bet_count_);
    state.member("win_count", self.win_count_);
    Decimal net_pnl = self.costs_.negated();
    state.member("net_pnl", net_pnl);
    if constexpr (!std::is_const_v<Self>) self.costs_ = net_pnl.negated();
    state.derived("win_rate", [&] {
      return rate(Decimal::from_integer(self.win_count_), Decimal::from_integer(self.bet_count_));
    });
    state.derived("roi", [&] { return rate(net_pnl, self.total_wagered_); });
    if (!self.assets_.empty() && !self.only_default())
      state.derived("assets", [&] { return self.assets_json(); });
  }

  std::span<const FoldNote> notes() const override { return notes_.all(); }

 private:
  Result<void> add(Decimal& sum, const EventView& event, std::span<const std::string> amounts,
                   int cost_sign) {
    const auto amount = amount_of(event, amounts, notes_);
    if (!amount) return std::unexpected(amount.error());
    if (!*amount) return {};
    const auto asset = asset_of(event, assets_pointers_, casino_ledger().default_asset, notes_);
    if (!asset) return {};
    // Nothing of an asset is mixed with nothing.
    if (!(*amount)->is_zero() && assets_.insert(*asset).second && assets_.size() == 2)
      notes_.remark(event,
                    "the sums of pnl are over several assets from here on: " + assets_json());
    if (auto added = add_amount(sum, **amount, event); !added) return added;
    return add_amount(costs_, cost_sign < 0 ? (*amount)->negated() : **amount, event);
  }

  bool only_default() const {
    return assets_.size() == 1 && *assets_.begin() == casino_ledger().default_asset;
  }

  std::string assets_json() const {
    std::string out = "[";
    for (const std::string& asset : assets_) {
      if (out.size() > 1) out += ',';
      json::append_quoted(out, asset);
    }
    return out + ']';
  }

  // Without the member, what was counted was of the default asset.
  bool read_assets(std::string_view state) {
    const auto assets = json::find(state, "assets");
    const bool counted =
        !total_wagered_.is_zero() || !total_won_.is_zero() || !total_fees_.is_zero();
    if (!assets && counted) assets_.insert(casino_ledger().default_asset);
    if (!assets) return true;
    if (json::kind_of(*assets) != json::Kind::array) return false;
    for (json::Walk walk{*assets}; walk.next();) {
      if (json::kind_of(walk.value()) != json::Kind::string) return false;
      assets_.insert(json::text_of(walk.value()));
    }
    return true;
  }

  static inline const std::vector<std::string> amounts_of_bets_{"/amount"};
  static inline const std::vector<std::string> amounts_of_fees_{"/fee", "/amount"};
  static inline const std::vector<std::string> assets_pointers_{"/asset"};

  Decimal total_wagered_;
  Decimal total_won_;
  Decimal total_fees_;
  Decimal costs_;  // what was wagered and charged, without what was won
  std::int64_t bet_count_ = 0;
  std::int64_t win_count_ = 0;
  std::set<std::string> assets_;  // those of amounts that are not 0
  Notes notes_;
};

}  // namespace

std::unique_ptr<Projection> make_pnl_projection() {
  return std::make_unique<PnlProjection>();
}

}  // namespace agentstore
