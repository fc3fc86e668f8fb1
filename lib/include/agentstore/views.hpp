// Views: which projections answer a question that names fields, or names nothing at all.

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/ledger.hpp"
#include "agentstore/projection.hpp"
#include "agentstore/result.hpp"

namespace agentstore {

/// The built-in projections that hold fields of these names, in the order of projection_kinds(); of
/// several that hold one, the first. `balance` holds `by_asset_BTC`, whatever assets there are.
/// Errors: invalid, naming a field that none has, and the nearest that one has.
Result<std::vector<std::string>> projections_with(std::span<const std::string> names);

/// What shows a session when nobody says what to look at: balance and pnl where it has events of
/// the ledger, else session.
std::vector<std::string> overview_of(bool has_ledger_events);

/// Whether a state of the projection `session` knows of an event of the ledger.
bool has_ledger_events(std::string_view session_state, const Ledger& ledger);

/// The members of several states as one object, in their order; of several of one name the first.
std::string joined_states(std::span<const std::string> states);

/// The values of fields by name in a state, for Expression::is_true; nothing for one that it lacks.
/// Views into `state`.
std::vector<std::optional<std::string_view>> values_of(std::string_view state,
                                                       std::span<const std::string> names);

}  // namespace agentstore
