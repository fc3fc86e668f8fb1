// Labels, as they are typed.

#pragma once

#include <string>
#include <vector>

#include "agentstore/result.hpp"
#include "agentstore/session.hpp"

namespace agentstore::cmd {

/// "K=V"s. Errors: invalid.
Result<Labels> parse_labels(const std::vector<std::string>& words);

}  // namespace agentstore::cmd
