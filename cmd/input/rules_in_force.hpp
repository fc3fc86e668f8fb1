// Rules in force, named in the answers that they shaped.

#pragma once

#include "agentstore/internal/rule_files.hpp"
#include "cmd/context.hpp"

namespace agentstore::cmd {

/// Whether an answer is by the ledger, too, or by upcasts alone.
enum class By { upcasts, ledger };

/// The rules that shape an answer: those of flags, and those of the store, where it is `of_store`.
RuleFiles rules_of(const Context& context, bool of_store, By by);

/// The same, and says so to people; JSON has them in the answer.
RuleFiles tell_rules(Context& context, bool of_store, By by);

}  // namespace agentstore::cmd
