// The rules of a data folder, found where a store is opened.

#pragma once

#include <string>

#include "agentstore/internal/rule_files.hpp"
#include "agentstore/store.hpp"

namespace agentstore::cmd {

/// Reads the rules of a data folder, each file once, into `options`, and gives what they are. A
/// file that cannot be read or parsed is left to the store, which says why when it needs it.
RuleFiles take_rules(const std::string& folder, StoreOptions& options);

}  // namespace agentstore::cmd
