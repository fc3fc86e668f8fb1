// Amounts of money (or tokens, or cost) in payloads, and their exact sums. What cannot be counted
// is noted, never guessed.

#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agentstore/decimal.hpp"
#include "agentstore/json.hpp"
#include "agentstore/ledger.hpp"
#include "projections/notes.hpp"

namespace agentstore {

/// The number at the first of `pointers` that leads to something. Where none does, or to no number
/// (a string, say), there is no amount; a negative one counts as it is: each is a finding.
/// Errors: overflow, naming the event.
Result<std::optional<Decimal>> amount_of(const EventView& event,
                                         std::span<const std::string> pointers, Notes& notes);

/// The asset at the first of `pointers` that leads to a text; else `otherwise`.
std::string asset_of(const EventView& event, std::span<const std::string> pointers,
                     const std::string& otherwise, Notes& notes);

/// As the public change_of, with notes. Errors: overflow, naming the event.
Result<std::optional<LedgerChange>> change_of(const Ledger& ledger, const EventView& event,
                                              Notes& notes);

/// Errors: overflow, naming the event.
Result<void> add_amount(Decimal& sum, const Decimal& amount, const EventView& event);

/// Reads a member of a state that is a number.
bool read_decimal(std::string_view object, std::string_view key, Decimal& into);

using Holdings = std::map<std::string, Decimal, std::less<>>;

/// {"BTC":0.2,"PFLEA":12}
std::string holdings_to_json(const Holdings& holdings);
bool read_holdings(std::string_view object, std::string_view key, Holdings& into);

}  // namespace agentstore
