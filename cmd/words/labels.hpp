// Labels: as they are typed, and one of them.

#pragma once

#include <string>
#include <vector>

#include "agentstore/result.hpp"
#include "agentstore/session.hpp"

namespace agentstore::cmd {

/// "K=V"s. Errors: invalid.
Result<Labels> parse_labels(const std::vector<std::string>& words);

/// The label of that key; empty where there is none.
std::string label_of(const Labels& labels, const std::string& key);

}  // namespace agentstore::cmd
