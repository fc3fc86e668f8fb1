#include "cmd/totals/register.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "cmd/context.hpp"
#include "formats/events/summary.hpp"
#include "formats/text/clock.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t detail_columns = 60;

constexpr std::int64_t hour_s = 3600;
constexpr std::int64_t day_s = 24 * hour_s;

/// When the period of an instant begins, by the clocks of the zone.
std::int64_t start_of_period(Timestamp at, Each each, const Zone& zone) {
  const std::int64_t length_s = each == Each::day ? day_s : hour_s;
  const std::int64_t clock_s = at.seconds + zone.offset_s(at.seconds);
  const std::int64_t rest_s = clock_s % length_s;
  return clock_s - (rest_s < 0 ? rest_s + length_s : rest_s);
}

/// "2026-03-01" or "2026-03-01 13:00".
std::string period_text(std::int64_t start_s, Each each) {
  return each == Each::day ? formats::date_of(start_s)
                           : formats::date_of(start_s) + ' ' + formats::hour_of(start_s) + ":00";
}

/// What is held, by asset, as it grows.
class Held {
 public:
  Result<void> add(const std::string& asset, const Decimal& amount) {
    Decimal& held = by_asset_[asset];
    const auto sum = held.plus(amount);
    if (!sum) return std::unexpected{sum.error()};
    held = *sum;
    return {};
  }
  const Decimal& of(const std::string& asset) { return by_asset_[asset]; }
  /// That of the one asset; nothing where there are several.
  std::optional<Decimal> balance() const {
    if (by_asset_.size() != 1) return std::nullopt;
    return by_asset_.begin()->second;
  }

 private:
  formats::Holdings by_asset_;
};

/// What the events of one period did to one asset.
struct Change {
  std::uint64_t first = 0;  ///< sequence numbers
  std::uint64_t last = 0;
  std::uint64_t events = 0;
  Decimal amount;
};

class Register {
 public:
  Register(const RegisterOptions& options, formats::BalanceRegister& rows)
      : options_{options}, rows_{rows} {}

  Result<void> take(const EventView& event) {
    const auto change = change_of(options_.ledger, event);
    if (!change) return std::unexpected{change.error()};
    if (!*change || (options_.asset && (*change)->asset != *options_.asset)) return {};
    if (options_.each == Each::event) return add_event(event, **change);
    return add_to_period(event, **change);
  }

  /// Periods are known when every event is: times may run backwards.
  Result<void> end() {
    for (const auto& [start_s, changes] : periods_)
      if (auto ended = end_period(period_text(start_s, options_.each), changes); !ended)
        return ended;
    return {};
  }

 private:
  using Changes = std::map<std::string, Change>;

  Result<void> add_event(const EventView& event, const LedgerChange& change) {
    if (auto added = held_.add(change.asset, change.amount); !added) return added;
    rows_.row({.sequence_number = event.sequence_number,
               .at = event.timestamp,
               .period = {},
               .type = std::string{event.type},
               .asset = change.asset,
               .change = change.amount,
               .balance = held_.balance(),
               .asset_balance = held_.of(change.asset),
               .detail = formats::payment_subject(event, detail_columns)});
    return {};
  }

  Result<void> add_to_period(const EventView& event, const LedgerChange& change) {
    Changes& period = periods_[start_of_period(event.timestamp, options_.each, options_.zone)];
    Change& of_asset = period[change.asset];
    const auto sum = of_asset.amount.plus(change.amount);
    if (!sum) return std::unexpected{sum.error()};
    if (of_asset.events++ == 0) of_asset.first = event.sequence_number;
    of_asset.last = event.sequence_number;
    of_asset.amount = *sum;
    return {};
  }

  /// A row an asset, in the order of their first events; all of them at the period's end.
  Result<void> end_period(const std::string& period, const Changes& changes) {
    std::vector<const Changes::value_type*> ordered;
    for (const auto& change : changes) {
      ordered.push_back(&change);
      if (auto added = held_.add(change.first, change.second.amount); !added) return added;
    }
    std::ranges::sort(ordered, {}, [](const auto* change) { return change->second.first; });
    for (const auto* const change : ordered)
      rows_.row({.sequence_number = change->second.last,
                 .at = {},
                 .period = period,
                 .type = {},
                 .events = change->second.events,
                 .asset = change->first,
                 .change = change->second.amount,
                 .balance = held_.balance(),
                 .asset_balance = held_.of(change->first),
                 .detail = {}});
    return {};
  }

  const RegisterOptions& options_;
  formats::BalanceRegister& rows_;
  Held held_;
  std::map<std::int64_t, Changes> periods_;  // by when they begin
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
  return account.end();
}

}  // namespace agentstore::cmd
