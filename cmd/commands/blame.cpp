#include "agentstore/analysis/blame.hpp"

#include "cmd/commands.hpp"
#include "cmd/gates/gate.hpp"
#include "cmd/input/find_event.hpp"
#include "cmd/input/folds.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/rules_in_force.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/input/views.hpp"
#include "formats/answers/blame.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::uint64_t newest_default = 20;

/// When the first event was.
Result<Timestamp> start_of(const History& history, OnCorrupt on_corrupt) {
  const auto first = read_event(history, 1, on_corrupt);
  if (!first) return std::unexpected{first.error()};
  return *first ? (*first)->view().timestamp : zero_time;
}

}  // namespace

int run(Context& context, const BlameCommand& options) {
  const bool all = options.all || options.pointer.empty();
  if (options.all && !options.pointer.empty())
    return context.refuse(Code::invalid, "--all and a pointer are given", "leave out one of them");
  if (options.newest == 0) return context.refuse(Code::invalid, "-n 0 leaves nothing to show");
  const auto on_corrupt = parse_on_corrupt(options.on_corrupt);
  if (!on_corrupt) return context.refuse(on_corrupt.error());
  Selector selector{context};
  const auto chosen = selector.choose(options.session);
  if (!chosen) return context.refuse(chosen.error());
  const auto history = (*chosen)->history();
  if (!history) return context.refuse(with_advice(history.error(), **chosen));
  const auto ledger = choose_ledger(context, **chosen, options.ledger);
  if (!ledger) return context.refuse(ledger.error());
  const RuleFiles rules = tell_rules(context, (*chosen)->of_store(), By::ledger);
  const auto start = start_of(*history, *on_corrupt);
  if (!start) return context.refuse(with_advice(start.error(), **chosen));
  Gate gate{context, {.decides = false, .on_corrupt = *on_corrupt}};
  gate.lacks_files(selector.unreadable());
  if (!all) {
    const auto found = blame(*history, options.pointer, options.newest.value_or(newest_default),
                             *ledger, *on_corrupt);
    if (!found) return context.refuse(with_advice(found.error(), **chosen));
    gate.read(found->report);
    gate.folded(found->notes);
    context.start_pager();
    if (context.common.json)
      formats::write_blame_json(context.out, history->session_id, *found, gate.incomplete(), rules);
    else formats::write_blame_text(context.out, *found, *start, context.screen());
    return context.finish(gate.status(true));
  }
  const auto state = blame_all(*history, *ledger, *on_corrupt);
  if (!state) return context.refuse(with_advice(state.error(), **chosen));
  gate.read(state->report);
  gate.folded(state->notes);
  context.start_pager();
  if (context.common.json)
    formats::write_blame_json(context.out, history->session_id, *state, gate.incomplete(), rules);
  else formats::write_blame_text(context.out, *state, *start, context.screen());
  return context.finish(gate.status(true));
}

}  // namespace agentstore::cmd
