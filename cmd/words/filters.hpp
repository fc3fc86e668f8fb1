// Filters: from the flags that choose events to what the library reads by.

#pragma once

#include "agentstore/filter.hpp"
#include "cmd/context.hpp"
#include "cmd/options.hpp"
#include "cmd/words/where.hpp"

namespace agentstore::cmd {

/// `where` becomes the expressions among them: after the reading it has things to tell.
/// Errors: invalid (a time, range, pattern or expression that cannot be read; since after until).
Result<Filter> make_filter(const FilterOptions& options, const Zone& zone, Where& where);

}  // namespace agentstore::cmd
