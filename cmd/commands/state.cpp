#include "formats/state.hpp"

#include <fmt/format.h>

#include "agentstore/analysis/responses.hpp"
#include "agentstore/analysis/views.hpp"
#include "cmd/commands.hpp"
#include "cmd/gates/gate.hpp"
#include "cmd/input/folds.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/rules_in_force.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/words/assertions.hpp"
#include "cmd/words/points.hpp"

namespace agentstore::cmd {
namespace {

Result<Folded> fold(Context& context, const Input& input, const StateCommand& options,
                    const Point& point, OnCorrupt on_corrupt) {
  const auto ledger = choose_ledger(context, input, options.ledger);
  if (!ledger) return std::unexpected{ledger.error()};
  const auto make = projection_named(options.projection, *ledger, input.labels());
  if (!make) return std::unexpected{make.error()};
  return fold_at(input, *make, point, on_corrupt);
}

/// The article's `balance` adds up amounts of different assets; the answer says so.
void note_mixed_sum(Context& context, const State& state) {
  if (state.projection != "balance") return;
  const std::size_t assets = assets_in(state.json).size();
  if (assets > 1)
    context.note(fmt::format(
        "\"balance\" is here the sum of the amounts of {} different assets; by_asset has each",
        assets));
}

/// The Go library's sums are of all that is stored, and transcripts tell of responses repeatedly.
void note_repeated_usage(Context& context, const Input& input, const State& state,
                         const Point& point) {
  if (state.projection != "session" || !input.labels().contains("source")) return;
  const auto reader = input.read({.filter = filter_of(point), .on_corrupt = OnCorrupt::prefix});
  if (!reader) return;
  CountedTotals totals;
  Totals stored;
  const auto read = for_each_event(**reader, [&](const EventView& event) -> Result<void> {
    if (auto added = stored.add(event); !added) return added;
    return totals.add(event);
  });
  const auto counted = totals.sum();
  if (!read || !counted) return;
  if (counted->tokens_in == stored.tokens_in && counted->tokens_out == stored.tokens_out) return;
  context.note(fmt::format(
      "\"tokens\" is here the sum of what is stored; some responses are told of repeatedly, and "
      "each once they are {} in, {} out, as `agentstore stats` has it",
      counted->tokens_in, counted->tokens_out));
}

}  // namespace

int run(Context& context, const StateCommand& options) {
  auto point = read_point(options.point, context.zone);
  if (!point) return context.refuse(point.error());
  const auto on_corrupt = parse_on_corrupt(options.on_corrupt);
  if (!on_corrupt) return context.refuse(on_corrupt.error());
  Selector selector{context};
  const auto chosen = selector.choose(options.session);
  if (!chosen) return context.refuse(chosen.error());
  if (auto taken = take_point((*chosen)->point(), *point); !taken)
    return context.refuse(taken.error());
  const auto folded = fold(context, **chosen, options, *point, *on_corrupt);
  if (!folded) return context.refuse(folded.error());

  const State state = folded->state();
  auto assertions = Assertions::parse(options.assertions, "--assert");
  if (!assertions) return context.refuse(assertions.error());
  Gate gate{context,
            {.decides = !options.assertions.empty(),
             .on_corrupt = *on_corrupt,
             .allow_empty = options.allow_empty}};
  gate.count(state.last_sequence_number);
  gate.read(state.report);
  gate.lacks_files(selector.unreadable());
  gate.folded(state.notes);
  note_mixed_sum(context, state);
  if (!context.common.json) note_repeated_usage(context, **chosen, state, *point);
  const RuleFiles rules = tell_rules(context, (*chosen)->of_store(),
                                     state.projection == "balance" ? By::ledger : By::upcasts);
  const auto failures = assertions->failures(fields_of(state.json));
  if (!failures) return context.refuse(failures.error());
  context.start_pager();
  if (context.common.json)
    formats::write_state_json(context.out, state, *point, gate.incomplete(), rules);
  else formats::write_state_text(context.out, state, (*chosen)->label(), *point, context.screen());
  if (!context.common.json && context.screen().columns == 0 && !point->is_now())
    context.note(point_text(*point, state.last_sequence_number));
  for (const std::string& failure : *failures) context.find(failure);
  return context.finish(gate.status(failures->empty()));
}

}  // namespace agentstore::cmd
