// Filters: from the flags that choose events to what the library reads by.

#pragma once

#include "agentstore/filter.hpp"
#include "cmd/context.hpp"
#include "cmd/options.hpp"

namespace agentstore::cmd {

/// Errors: invalid (a time, range or pattern that cannot be read; since after until).
Result<Filter> make_filter(const FilterOptions& options, const Zone& zone);

}  // namespace agentstore::cmd
