// The projection `pnl`: profit and loss of bets.
//
//   net_pnl = total_won - total_wagered - total_fees
//   win_rate = win_count / bet_count, roi = net_pnl / total_wagered: 0 where the divisor is 0

#include "projections/amount.hpp"
#include "projections/kinds.hpp"

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
  int version() const override { return 1; }
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

  std::string to_json() const override {
    const Decimal net_pnl = costs_.negated();
    std::string out = R"({"total_wagered":)" + total_wagered_.to_string();
    out += R"(,"total_won":)" + total_won_.to_string();
    out += R"(,"total_fees":)" + total_fees_.to_string();
    out += R"(,"bet_count":)" + std::to_string(bet_count_);
    out += R"(,"win_count":)" + std::to_string(win_count_);
    out += R"(,"net_pnl":)" + net_pnl.to_string();
    out += R"(,"win_rate":)" +
           rate(Decimal::from_integer(win_count_), Decimal::from_integer(bet_count_));
    out += R"(,"roi":)" + rate(net_pnl, total_wagered_);
    return out + '}';
  }

  Result<void> from_json(std::string_view state) override {
    PnlProjection read;
    Decimal net_pnl;
    const auto bets = json::find_integer(state, "bet_count");
    const auto wins = json::find_integer(state, "win_count");
    if (!read_decimal(state, "total_wagered", read.total_wagered_) ||
        !read_decimal(state, "total_won", read.total_won_) ||
        !read_decimal(state, "total_fees", read.total_fees_) ||
        !read_decimal(state, "net_pnl", net_pnl) || !bets || !wins) {
      return fail(Code::corrupt, "this is no state of the projection pnl");
    }
    read.bet_count_ = *bets;
    read.win_count_ = *wins;
    read.costs_ = net_pnl.negated();
    *this = std::move(read);
    return {};
  }

  std::span<const FoldNote> notes() const override { return notes_.all(); }

 private:
  Result<void> add(Decimal& sum, const EventView& event, std::span<const std::string> amounts,
                   int cost_sign) {
    const auto amount = amount_of(event, amounts, notes_);
    if (!amount) return std::unexpected(amount.error());
    if (!*amount) return {};
    if (auto added = add_amount(sum, **amount, event); !added) return added;
    return add_amount(costs_, cost_sign < 0 ? (*amount)->negated() : **amount, event);
  }

  static inline const std::vector<std::string> amounts_of_bets_{"/amount"};
  static inline const std::vector<std::string> amounts_of_fees_{"/fee", "/amount"};

  Decimal total_wagered_;
  Decimal total_won_;
  Decimal total_fees_;
  Decimal costs_;  // what was wagered and charged, without what was won
  std::int64_t bet_count_ = 0;
  std::int64_t win_count_ = 0;
  Notes notes_;
};

}  // namespace

std::unique_ptr<Projection> make_pnl_projection() {
  return std::make_unique<PnlProjection>();
}

}  // namespace agentstore
