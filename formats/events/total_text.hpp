// The line of figures below a timeline.

#pragma once

#include <cstddef>
#include <string>

#include "agentstore/analysis/stats.hpp"

namespace agentstore::formats {

/// "Total: 8 events | 1,170 tokens | $0.018 | 1 tool call, 1 failed | 1 error | 2.1 s". What does
/// not apply is left out; a cost that some events lack is said to be incomplete or unknown. In
/// fewer than all of its columns the tokens are left out, then the duration, then the costs.
std::string total_text(const Totals& totals, std::size_t columns = 0);

}  // namespace agentstore::formats
