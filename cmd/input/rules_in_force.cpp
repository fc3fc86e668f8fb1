#include "cmd/input/rules_in_force.hpp"

#include "formats/text/rules.hpp"

namespace agentstore::cmd {

RuleFiles rules_of(const Context& context, bool of_store, By by) {
  RuleFiles rules = context.rules_given;
  if (of_store && !rules.ledger) rules.ledger = context.rules_of_store.ledger;
  if (of_store && !rules.upcasts) rules.upcasts = context.rules_of_store.upcasts;
  if (by != By::ledger) rules.ledger.reset();
  return rules;
}

RuleFiles tell_rules(Context& context, bool of_store, By by) {
  RuleFiles rules = rules_of(context, of_store, by);
  if (!context.common.json && !rules.empty())
    context.note("by the rules in " + formats::rules_text(rules));
  return rules;
}

}  // namespace agentstore::cmd
