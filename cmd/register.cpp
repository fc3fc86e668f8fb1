#include "cmd/register.hpp"

#include <map>
#include <utility>

#include "cmd/context.hpp"
#include "formats/summary.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t detail_columns = 60;

/// "2026-03-01" or "2026-03-01 13:00", by the clocks of the zone.
std::string period_of(Timestamp at, Each each, const Zone& zone) {
  at.seconds += zone.offset_s(at.seconds);
  const std::string text = format_rfc3339(at);
  if (each == Each::day) return text.substr(0, 10);
  return text.substr(0, 10) + ' ' + text.substr(11, 2) + ":00";
}

class Register {
 public:
  Register(const RegisterOptions& options, formats::BalanceRegister& rows)
      : options_{options}, rows_{rows} {}

  Result<void> take(const EventView& event) {
    const auto change = change_of(options_.ledger, event);
    if (!change) return std::unexpected{change.error()};
    if (!*change || (options_.asset && (*change)->asset != *options_.asset)) return {};
    if (options_.each == Each::event) return add_event(event, **change);
    const std::string period = period_of(event.timestamp, options_.each, options_.zone);
    if (period != period_) end_period();
    period_ = period;
    return add_to_period(event, **change);
  }

  void end_period() {
    for (auto& [asset, row] : open_) rows_.row(row);
    open_.clear();
  }

 private:
  Result<void> add_event(const EventView& event, const LedgerChange& change) {
    if (auto added = add(change); !added) return added;
    rows_.row({.sequence_number = event.sequence_number,
               .at = event.timestamp,
               .period = {},
               .type = std::string{event.type},
               .asset = change.asset,
               .change = change.amount,
               .balance = balance_,
               .asset_balance = by_asset_[change.asset],
               .detail = formats::payment_subject(event, detail_columns)});
    return {};
  }

  Result<void> add_to_period(const EventView& event, const LedgerChange& change) {
    if (auto added = add(change); !added) return added;
    auto [at, is_new] = open_.try_emplace(change.asset);
    formats::RegisterRow& row = at->second;
    const auto sum = row.change.plus(change.amount);
    if (!sum) return std::unexpected{sum.error()};
    row.events = is_new ? 1 : row.events + 1;
    row.sequence_number = event.sequence_number;
    row.period = period_;
    row.asset = change.asset;
    row.change = *sum;
    row.balance = balance_;
    row.asset_balance = by_asset_[change.asset];
    return {};
  }

  Result<void> add(const LedgerChange& change) {
    Decimal& held = by_asset_[change.asset];
    const auto balance = balance_.plus(change.amount);
    const auto of_asset = held.plus(change.amount);
    if (!balance) return std::unexpected{balance.error()};
    if (!of_asset) return std::unexpected{of_asset.error()};
    balance_ = *balance;
    held = *of_asset;
    return {};
  }

  const RegisterOptions& options_;
  formats::BalanceRegister& rows_;
  Decimal balance_;
  formats::Holdings by_asset_;
  std::string period_;
  std::map<std::string, formats::RegisterRow, std::less<>> open_;  // of this period, by asset
};

}  // namespace

Result<Each> parse_each(const std::string& word) {
  if (word == "event") return Each::event;
  if (word == "hour") return Each::hour;
  if (word == "day") return Each::day;
  return fail(Code::invalid, "--each cannot be " + in_quotes(word), "it is event, hour or day");
}

Result<void> write_register(EventReader& reader, const RegisterOptions& options,
                            formats::BalanceRegister& rows, const std::function<bool()>& wanted) {
  Register account{options, rows};
  while (wanted()) {
    const auto batch = reader.next();
    if (!batch) return std::unexpected{batch.error()};
    if (batch->empty()) break;
    for (const EventView& event : *batch)
      if (auto taken = account.take(event); !taken) return taken;
  }
  account.end_period();
  return {};
}

}  // namespace agentstore::cmd
