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

/// The token of the number that an amount is: a JSON number, or a JSON text that is a plain decimal
/// ("12.50", "-3"; no exponent, blank, plus sign or separator of thousands). Nothing for all else.
std::optional<std::string> number_in(std::string_view value);

/// The amount at the first of `pointers` that leads to something. Where none does, or to what is
/// not an amount, there is none, and the fold is incomplete. A negative one counts as it is: a
/// finding. Errors: overflow, naming the event.
Result<std::optional<Decimal>> amount_of(const EventView& event,
                                         std::span<const std::string> pointers, Notes& notes);

/// The asset at the first of `pointers` that leads to something; `otherwise` where none does. What
/// is not a text is no asset, and the fold is incomplete: an amount never counts as another
/// asset's.
std::optional<std::string> asset_of(const EventView& event, std::span<const std::string> pointers,
                                    const std::string& otherwise, Notes& notes);

/// A transaction of unknown kind moves nothing; where it has an amount, that is a remark.
void remark_uncounted(const EventView& event, Notes& notes);

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
