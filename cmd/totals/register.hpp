// The register of an account: how each event, hour or day changed what it held.

#pragma once

#include <optional>
#include <string>

#include "agentstore/ledger.hpp"
#include "agentstore/reader.hpp"
#include "cmd/times.hpp"
#include "formats/answers/balance.hpp"

namespace agentstore::cmd {

enum class Each { event, hour, day };

/// "event", "hour", "day". Errors: invalid.
Result<Each> parse_each(const std::string& word);

struct RegisterOptions {
  const Ledger& ledger;
  Each each = Each::event;
  std::optional<std::string> asset = std::nullopt;  ///< only changes of this one
  const Zone& zone;                                 ///< of hours and days
};

/// Writes the rows of what is left of a reader; stops early once nobody wants more. Events have a
/// row each, in sequence order. Hours and days have one for each asset that moved, in order of
/// time, and what is held at the end of one is what a balance as of that end is. Memory grows with
/// the number of hours or days, not of events. Errors: as EventReader::next; overflow.
Result<void> write_register(EventReader& reader, const RegisterOptions& options,
                            formats::BalanceRegister& rows, const std::function<bool()>& wanted);

}  // namespace agentstore::cmd
