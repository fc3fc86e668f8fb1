// Transactions of a platform as the events of a ledger: bets, deposits, fees.

#pragma once

#include <string_view>
#include <vector>

#include "agentstore/event.hpp"
#include "agentstore/result.hpp"

namespace agentstore::formats {

/// Who wrote such an event, in its metadata under `source`.
inline constexpr std::string_view purpleflea = "purpleflea";

/// Reads a page of transactions: an object with an array `transactions`, an array, or objects one a
/// line. Of each, `id` (else `tx_id`) is the event's id; bet, win, deposit, withdraw, fee, faucet
/// and escrow are events of the ledger, all others UnknownTransaction; the payload is the whole
/// record, and a fee has `fee` and `amount`. Oldest first, where every record says when it
/// happened. Errors: invalid, naming the record (counted from 1): no id, an amount that is no
/// number, a time that cannot be read, no JSON.
Result<std::vector<Draft>> read_transactions(std::string_view text);

}  // namespace agentstore::formats
