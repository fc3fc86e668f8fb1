// Ledgers: which events move money (or tokens, or cost), and by how much. The map is data, so that
// the projection `balance` works on any log.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/decimal.hpp"
#include "agentstore/event.hpp"
#include "agentstore/result.hpp"

namespace agentstore {

/// How events of one type change a balance. Pointers (RFC 6901) lead into the payload.
struct LedgerRule {
  int sign = 1;                      ///< 1 or -1
  std::vector<std::string> amounts;  ///< the first that is there counts
  std::vector<std::string> assets;   ///< likewise; none there: the ledger's default asset
};

struct Ledger {
  std::string default_asset = {};
  std::map<std::string, LedgerRule, std::less<>> types = {};  ///< other types do not count
  /// Snapshots hold balances of the built-in ledger alone: casino_ledger().
  bool built_in = false;
};

/// A ledger to pass in: FundsDeposited, BetPlaced and the like, in PFLEA unless the payload says
/// so. Lives for ever.
const Ledger& casino_ledger();

/// Reads
/// `{"default_asset":"USD","types":{"Paid":{"sign":-1,"amount":"/amount","asset":"/asset"}}}`;
/// `amount` and `asset` may be arrays of pointers. Errors: invalid, naming the member.
Result<Ledger> parse_ledger(std::string_view json);

/// What one event does to a balance.
struct LedgerChange {
  std::string asset;
  Decimal amount;  ///< with its sign
};

/// Nothing for an event that moves none; for what the projection `balance` makes of amounts that
/// are missing, or no numbers, see its notes. Errors: overflow, naming the event.
Result<std::optional<LedgerChange>> change_of(const Ledger& ledger, const EventView& event);

}  // namespace agentstore
