// Rules in force: found where a store is opened, and named in the answers that they shaped.

#pragma once

#include <string>

#include "agentstore/rule_files.hpp"
#include "agentstore/store.hpp"
#include "cmd/context.hpp"

namespace agentstore::cmd {

/// Reads the rules of a data folder, each file once, into `options`, and gives what they are. A
/// file that cannot be read or parsed is left to the store, which says why when it needs it.
RuleFiles take_rules(const std::string& folder, StoreOptions& options);

/// Whether an answer is by the ledger, too, or by upcasts alone.
enum class By { upcasts, ledger };

/// The rules that shape an answer: those of flags, and those of the store, where it is `of_store`.
RuleFiles rules_of(const Context& context, bool of_store, By by);

/// The same, and says so to people; JSON has them in the answer.
RuleFiles tell_rules(Context& context, bool of_store, By by);

}  // namespace agentstore::cmd
