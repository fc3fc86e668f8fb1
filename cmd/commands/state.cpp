#include "formats/answers/state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "agentstore/analysis/fields.hpp"
#include "agentstore/analysis/responses.hpp"
#include "agentstore/analysis/views.hpp"
#include "cmd/commands.hpp"
#include "cmd/gates/gate.hpp"
#include "cmd/input/events_in_memory.hpp"
#include "cmd/input/fold_sessions.hpp"
#include "cmd/input/folds.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/rules_in_force.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/input/subject.hpp"
#include "cmd/words/assertions.hpp"
#include "cmd/words/points.hpp"
#include "formats/text/units.hpp"

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

/// How the Go library's projections call their sums of tokens, which are of all that is stored.
std::optional<std::string_view> stored_tokens_in(const State& state) {
  if (state.projection == "session") return "tokens";
  if (state.projection == "summary") return "total_tokens_used";
  return std::nullopt;
}

/// Transcripts tell of responses repeatedly. `each` gives the events of the state to a function.
template <class Each>
void note_repeated_usage(Context& context, std::string_view sum, const Each& each) {
  CountedTotals totals;
  Totals stored;
  const Result<void> read = each([&](const EventView& event) -> Result<void> {
    if (auto added = stored.add(event); !added) return added;
    return totals.add(event);
  });
  const auto counted = totals.sum();
  if (!read || !counted) return;
  if (counted->tokens_in == stored.tokens_in && counted->tokens_out == stored.tokens_out) return;
  context.note(fmt::format(
      "\"{}\" is here the sum of what is stored; some responses are told of repeatedly, and "
      "each once they are {} in, {} out, as `agentstore stats` has it",
      sum, formats::thousands(counted->tokens_in), formats::thousands(counted->tokens_out)));
}

bool is_imported(const Input& input) {
  return input.labels().contains("source");
}

/// What was asked for, read.
struct Asked {
  const StateCommand& options;
  Point point;
  OnCorrupt on_corrupt = OnCorrupt::strict;
  Assertions assertions;
};

Result<Asked> read_options(const Context& context, const StateCommand& options) {
  const auto several = asks_for_several(context, options.session, options.all);
  if (!several) return std::unexpected{several.error()};
  auto point = read_point(options.point, context.zone);
  if (!point) return std::unexpected{point.error()};
  if (*several && point->sequence_number)
    return fail(Code::invalid, "--seq goes with one session", "--at and --before go with several");
  const auto on_corrupt = parse_on_corrupt(options.on_corrupt);
  if (!on_corrupt) return std::unexpected{on_corrupt.error()};
  auto assertions = Assertions::parse(options.assertions);
  if (!assertions) return std::unexpected{assertions.error()};
  return Asked{options, *point, *on_corrupt, std::move(*assertions)};
}

GateOptions gate_options(const Asked& asked) {
  return {.decides = !asked.options.assertions.empty(),
          .on_corrupt = asked.on_corrupt,
          .allow_empty = asked.options.allow_empty};
}

/// Folds another projection of the same events: its state as JSON.
using FoldAnother = std::function<Result<std::string>(const std::string& projection)>;

/// The states that have those of the names which `state` lacks; empty where none has them all.
Result<std::vector<std::string>> states_beside(const State& state,
                                               const std::vector<std::string>& names,
                                               const FoldAnother& fold_another) {
  std::vector<std::string> lacking;
  for (const std::string& name : names)
    if (!find_field(state.json, name)) lacking.push_back(name);
  const auto projections = projections_with(lacking);
  std::vector<std::string> states;
  if (!projections) return states;
  for (const std::string& projection : *projections) {
    if (projection == state.projection) continue;
    auto another = fold_another(projection);
    if (!another) return std::unexpected{another.error()};
    states.push_back(std::move(*another));
  }
  return states;
}

/// Adds those of the names that the other states have.
void add_fields(std::vector<Field>& fields, const std::vector<std::string>& names,
                const std::vector<std::string>& states) {
  for (const std::string& name : names) {
    if (std::ranges::find(fields, name, &Field::name) != fields.end()) continue;
    for (const std::string& state : states) {
      const auto value = value_of(state, name);
      if (!value) continue;
      fields.push_back({.name = name, .value = *value, .pointer = "/" + name});
      break;
    }
  }
}

/// The exit status, once what is not true was told. The bare `balance` of several assets is none.
int judge(Context& context, Gate& gate, Asked& asked, const State& state,
          const FoldAnother& fold_another) {
  if (asked.options.assertions.empty()) return context.finish(gate.status(true));
  const std::vector<std::string> names = asked.assertions.names();
  auto beside = states_beside(state, names, fold_another);
  if (!beside) return context.refuse(beside.error());
  std::vector<std::string> all{state.json};
  all.insert(all.end(), beside->begin(), beside->end());
  for (const std::string& one : all)
    if (auto checked = check_names(names, assets_in(one)); !checked)
      return context.refuse(checked.error());
  auto fields = fields_of(state.json);
  add_fields(fields, names, *beside);
  const auto failures = asked.assertions.failures(fields);
  if (!failures) return context.refuse(failures.error());
  for (const std::string& failure : *failures) context.find(failure);
  return context.finish(gate.status(failures->empty()));
}

StateCommand options_with(StateCommand options, const std::string& projection) {
  options.projection = projection;
  return options;
}

By rules_by(const State& state) {
  return state.projection == "balance" ? By::ledger : By::upcasts;
}

int show_one(Context& context, Selector& selector, Asked& asked) {
  const auto chosen = selector.choose(asked.options.session);
  if (!chosen) return context.refuse(chosen.error());
  const Input& input = **chosen;
  if (auto taken = take_point(input.point(), asked.point); !taken)
    return context.refuse(taken.error());
  const auto folded = fold(context, input, asked.options, asked.point, asked.on_corrupt);
  if (!folded) return context.refuse(folded.error());

  const State state = folded->state();
  Gate gate{context, gate_options(asked)};
  gate.read(state.report);
  gate.lacks_files(selector.unreadable());
  gate.folded(state.notes);
  gate.count(state.last_sequence_number);
  note_mixed_sum(context, state);
  if (const auto sum = stored_tokens_in(state); sum && !context.common.json && is_imported(input))
    if (const auto reader =
            input.read({.filter = filter_of(asked.point), .on_corrupt = OnCorrupt::prefix}))
      note_repeated_usage(context, *sum,
                          [&](const auto& take) { return for_each_event(**reader, take); });
  const RuleFiles rules = tell_rules(context, input.of_store(), rules_by(state));
  context.start_pager();
  if (context.common.json)
    formats::write_state_json(context.out, state, asked.point, gate.incomplete(), rules);
  else formats::write_state_text(context.out, state, input.label(), asked.point, context.screen());
  if (!context.common.json && context.screen().columns == 0 && !asked.point.is_now())
    context.note(point_text(asked.point, state.last_sequence_number));
  return judge(context, gate, asked, state, [&](const std::string& name) -> Result<std::string> {
    const StateCommand another = options_with(asked.options, name);
    const auto other = fold(context, input, another, asked.point, asked.on_corrupt);
    if (!other) return std::unexpected{other.error()};
    return other->state().json;
  });
}

Result<SessionsState> fold_all(Context& context, const Input& first, const EventsInMemory& gathered,
                               const StateCommand& options) {
  const auto ledger = choose_ledger(context, first, options.ledger);
  if (!ledger) return std::unexpected{ledger.error()};
  const auto make = projection_named(options.projection, *ledger);
  if (!make) return std::unexpected{make.error()};
  return fold_sessions(gathered.events(), *make);
}

int show_sessions(Context& context, Selector& selector, Asked& asked) {
  const auto inputs = selector.several();
  if (!inputs) return context.refuse(inputs.error());
  const Input& first = *inputs->front();
  const auto gathered = EventsInMemory::read(
      *inputs, {.filter = filter_of(asked.point), .on_corrupt = asked.on_corrupt});
  if (!gathered) return context.refuse(gathered.error());
  const auto folded = fold_all(context, first, *gathered, asked.options);
  if (!folded) return context.refuse(folded.error());
  State state;
  state.projection = folded->projection->name();
  state.json = folded->projection->to_json();
  const std::size_t events = gathered->events().size();
  Gate gate{context, gate_options(asked)};
  for (const ReadReport& report : gathered->reports()) gate.read(report);
  gate.lacks_files(selector.unreadable());
  for (const auto& [session, notes] : folded->notes)
    gate.folded(notes, "session " + session + ": ");
  gate.count(events);
  note_mixed_sum(context, state);
  const bool imported =
      std::ranges::any_of(*inputs, [](const auto& input) { return is_imported(*input); });
  if (const auto sum = stored_tokens_in(state); sum && !context.common.json && imported)
    note_repeated_usage(context, *sum, [&](const auto& take) -> Result<void> {
      for (const EventView& event : gathered->events())
        if (auto taken = take(event); !taken) return taken;
      return {};
    });
  const RuleFiles rules = tell_rules(context, first.of_store(), rules_by(state));
  context.start_pager();
  if (context.common.json)
    formats::write_sessions_state_json(context.out, state, inputs->size(), asked.point,
                                       gate.incomplete(), rules);
  else
    formats::write_state_text(context.out, state, fmt::format("{} sessions", inputs->size()),
                              asked.point, context.screen());
  if (!context.common.json)
    context.note(fmt::format("of {} of {}, in order of time", formats::counted(events, "event"),
                             formats::counted(inputs->size(), "session")));
  return judge(context, gate, asked, state, [&](const std::string& name) -> Result<std::string> {
    const auto other = fold_all(context, first, *gathered, options_with(asked.options, name));
    if (!other) return std::unexpected{other.error()};
    return other->projection->to_json();
  });
}

}  // namespace

int run(Context& context, const StateCommand& options) {
  auto asked = read_options(context, options);
  if (!asked) return context.refuse(asked.error());
  Selector selector{context};
  return options.session.empty() ? show_sessions(context, selector, *asked)
                                 : show_one(context, selector, *asked);
}

}  // namespace agentstore::cmd
