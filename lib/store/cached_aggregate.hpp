// Reading one session of a backend by parts, or taking the cached aggregate of what they came to
// before.

#pragma once

#include "agentstore/parts.hpp"
#include "backends/backend.hpp"

namespace agentstore {

/// As Store::read_parts; `options` are complete: no other upcasts are in force.
Result<ReadReport> read_session_in_parts(Backend& backend, std::string_view session_id,
                                         ReadOptions options, const Parts& parts);

/// As Store::check_cached_aggregate.
Result<std::vector<Finding>> check_cached_aggregate(Backend& backend, std::string_view session_id,
                                                    const Parts& parts);

}  // namespace agentstore
