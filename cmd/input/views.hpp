// Views: what of a session's state a question looks at, as projections by name.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agentstore/analysis/whatif.hpp"
#include "agentstore/ledger.hpp"
#include "agentstore/projection.hpp"

namespace agentstore::cmd {

/// The projection that is named, else those of the overview; see `overview_of`.
/// Errors: invalid (no such projection); those of reading.
Result<std::vector<std::string>> choose_views(const History& history, const Ledger& ledger,
                                              const std::optional<std::string>& projection);

/// Their factories, for a session with these labels.
Result<std::vector<ProjectionFactory>> factories_of(const std::vector<std::string>& names,
                                                    const Ledger& ledger, const Labels& labels);

}  // namespace agentstore::cmd
