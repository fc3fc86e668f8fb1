#include "agentstore/analysis/whatif.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "agentstore/analysis/views.hpp"
#include "agentstore/json.hpp"
#include "cmd/commands.hpp"
#include "cmd/gates/gate.hpp"
#include "cmd/gates/unmatched.hpp"
#include "cmd/gates/unmet_asset.hpp"
#include "cmd/input/find_event.hpp"
#include "cmd/input/folds.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/rules_in_force.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/input/subject.hpp"
#include "cmd/input/views.hpp"
#include "cmd/read_whole.hpp"
#include "cmd/words/assertions.hpp"
#include "cmd/words/drafts.hpp"
#include "cmd/words/filters.hpp"
#include "cmd/words/quoted_names.hpp"
#include "formats/answers/whatif.hpp"
#include "formats/events/summary.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t summary_columns = 60;

/// "EVENT=JSON": an event id may hold an equals sign, so the first that JSON follows counts.
struct Assignment {
  std::string event;
  std::string value;
};
Result<Assignment> split_assignment(const std::string& flag, const std::string& word) {
  std::optional<Error> first;
  for (std::size_t at = word.find('='); at != word.npos; at = word.find('=', at + 1)) {
    auto value = read_payload(word.substr(at + 1));
    if (!value) return std::unexpected{value.error()};
    const auto wrong = json::check(*value, json::rules_to_store);
    if (!wrong && at > 0) return Assignment{word.substr(0, at), std::move(*value)};
    if (!first)
      first = Error{Code::invalid, flag + " " + in_quotes(word) +
                                       ": what follows the = is no JSON: it " +
                                       (wrong ? wrong->what : "has no event before it")};
  }
  if (first) return std::unexpected{*first};
  return fail(Code::invalid, flag + " " + in_quotes(word) + " is not of the form EVENT=JSON");
}

Result<void> read_replacements(const Subject& subject, const WhatIfCommand& options,
                               Alterations& into) {
  for (const std::string& word : options.replaced) {
    auto parts = split_assignment("--replace", word);
    if (!parts) return std::unexpected{parts.error()};
    const auto number = subject.find(parts->event);
    if (!number) return std::unexpected{number.error()};
    if (!into.replaced.emplace(*number, std::move(parts->value)).second)
      return fail(Code::invalid, subject.name_of(*number) + " is replaced twice");
  }
  return {};
}

Result<void> read_insertions(const Subject& subject, const WhatIfCommand& options,
                             Alterations& into) {
  for (const std::string& word : options.inserted) {
    auto parts = split_assignment("--insert-after", word);
    if (!parts) return std::unexpected{parts.error()};
    auto draft = parse_draft(parts->value);
    if (!draft)
      return fail(draft.error().code,
                  "--insert-after " + in_quotes(word) + ": " + draft.error().message);
    const auto number = subject.find(parts->event);
    if (!number) return std::unexpected{number.error()};
    into.inserted[*number].push_back(std::move(*draft));
  }
  return {};
}

Result<Alterations> read_alterations(const Subject& subject, const WhatIfCommand& options,
                                     const Zone& zone) {
  Alterations alterations;
  alterations.cascade = options.cascade;
  Where where;
  FilterOptions types;
  types.types = options.without_types;
  types.until = options.until;
  auto filter = make_filter(types, zone, where);
  if (!filter) return std::unexpected{filter.error()};
  alterations.without_types = std::move(filter->types);
  alterations.until = filter->until;
  std::vector<std::string> without = options.without;
  without.insert(without.end(), options.more.begin(), options.more.end());
  for (const std::string& word : without) {
    const auto number = subject.find(word);
    if (!number) return std::unexpected{number.error()};
    alterations.without.insert(*number);
  }
  if (auto read = read_replacements(subject, options, alterations); !read)
    return std::unexpected{read.error()};
  if (auto read = read_insertions(subject, options, alterations); !read)
    return std::unexpected{read.error()};
  return alterations;
}

/// "#5 BetPlaced 340.55 (evt-bad-trade-uuid)", printable or not.
std::string describe_event(const Subject& subject, std::uint64_t sequence_number) {
  std::string text = subject.name_of(sequence_number);
  const auto found = read_event(subject.history(), sequence_number, OnCorrupt::prefix);
  if (!found || !*found) return text;
  const EventView event = (*found)->view();
  text += " " + std::string{event.type};
  if (const auto what = formats::summary(event, summary_columns); !what.empty()) text += " " + what;
  if (!event.event_id.empty()) text += " (" + std::string{event.event_id} + ")";
  return text;
}

std::string describe(const Subject& subject, const Alterations& alterations) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (alterations.without.size() == 1) {
    add("without " + describe_event(subject, *alterations.without.begin()));
  } else if (!alterations.without.empty()) {
    std::string all;
    for (const std::uint64_t number : alterations.without)
      all += (all.empty() ? "" : " ") + subject.name_of(number);
    add("without " + all);
  }
  for (const std::string& type : alterations.without_types) add("without " + type);
  for (const auto& [number, payload] : alterations.replaced)
    add("with another payload in " + subject.name_of(number));
  for (const auto& [number, drafts] : alterations.inserted)
    for (const Draft& draft : drafts)
      add("with " + draft.type +
          (number == 0 ? " before the first" : " behind " + subject.name_of(number)));
  if (alterations.until) add("until " + format_rfc3339_short(*alterations.until));
  return text + (alterations.cascade ? ", with what depended on it" : "");
}

/// What is folded: what is shown, and after it what the conditions read beside that.
struct Views {
  std::vector<std::string> shown;
  std::vector<std::string> judged;
  std::vector<std::string> all;
};

Result<Views> choose(const History& history, const Ledger& ledger, const WhatIfCommand& options,
                     std::span<const Assertion> assertions) {
  Views views;
  auto shown = choose_views(history, ledger, options.projection);
  if (!shown) return std::unexpected{shown.error()};
  views.shown = views.all = std::move(*shown);
  if (options.projection) {
    views.judged = views.shown;
    return views;
  }
  std::vector<std::string> names;
  for (const Assertion& one : assertions) {
    if (const auto found = projections_with(one.names()); !found)
      return one.error(with_quotes_hint(found.error(), one.names(), one.condition().text));
    names.insert(names.end(), one.names().begin(), one.names().end());
  }
  auto judged = projections_with(names);
  if (!judged) return std::unexpected{judged.error()};
  views.judged = std::move(*judged);
  for (const std::string& name : views.judged)
    if (std::ranges::find(views.all, name) == views.all.end()) views.all.push_back(name);
  return views;
}

/// The states of `names`, joined into one.
std::string state_of(const WhatIf& what, const Views& views, const std::vector<std::string>& names,
                     std::string StatePair::* side) {
  std::vector<std::string> states;
  for (const std::string& name : names) {
    const auto at = std::ranges::find(views.all, name) - views.all.begin();
    states.push_back(what.states[static_cast<std::size_t>(at)].*side);
  }
  return joined_states(states);
}

/// Whether the altered history lacks a field that the actual one has: an asset that nothing moves
/// any more has no balance, and that is an answer.
bool lost_a_field(const Assertion& assertion, const WhatIf& what, const Views& views) {
  const auto has = [&](const std::string& name, std::string StatePair::* side) {
    const auto fields = fields_of(state_of(what, views, views.judged, side));
    return std::ranges::find(fields, name, &Field::name) != fields.end();
  };
  return std::ranges::any_of(assertion.names(), [&](const std::string& name) {
    return has(name, &StatePair::actual) && !has(name, &StatePair::counterfactual);
  });
}

/// Tells the gate of an asset that the condition names and neither history has.
void tell_unmet(Gate& gate, const Assertion& assertion, const WhatIf& what, const Views& views) {
  std::vector<std::string> assets;
  for (const auto side : {&StatePair::actual, &StatePair::counterfactual}) {
    const auto folded = folded_assets(state_of(what, views, views.judged, side));
    if (!folded) return;
    assets.insert(assets.end(), folded->begin(), folded->end());
  }
  if (const std::string why = why_unmet(assertion.names(), assets); !why.empty())
    gate.unmatched(std::string{assertion.condition().flag()} + ": not judged: " + why, {});
}

/// Whether the altered state meets the condition; says so where not. Of --fail-on, NULL is none.
/// Errors: as Assertion::is_met.
Result<bool> judge(Context& context, Gate& gate, Assertion& assertion, const WhatIf& what,
                   const Views& views, bool one_projection) {
  const std::string state = state_of(what, views, views.judged, &StatePair::counterfactual);
  if (auto one = check_names(assertion.names(), assets_in(state)); !one)
    return assertion.error(one.error());
  auto met = one_projection ? assertion.is_met(fields_of(state))
                            : assertion.is_met(values_of(state, assertion.names()));
  if (!met) return met;
  const Condition& condition = assertion.condition();
  if (!*met && condition.must_be_false && assertion.expression().was_null()) {
    met = true;
    if (!lost_a_field(assertion, what, views))
      gate.unmatched(std::string{condition.flag()} + ": not judged: it is NULL: " + condition.text,
                     {});
  }
  if (!*met) context.find(assertion.failure());
  tell_unmet(gate, assertion, what, views);
  return met;
}

Result<void> save(Context& context, const History& history, const Alterations& alterations,
                  const std::string& altered, const std::string& id) {
  auto store = context.open_store({.create = false});
  if (!store) return std::unexpected{store.error()};
  NewSession wanted{.id = id, .labels = {{"forked_from", history.session_id}, {"whatif", altered}}};
  const auto saved = agentstore::save_what_if(history, alterations, *store, wanted);
  if (!saved) return std::unexpected{saved.error()};
  return store->close();
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// Of several sessions none is named: a word beside the first of --without is one more event.
WhatIfCommand with_more(const Context& context, WhatIfCommand options) {
  const bool several = options.all || !context.common.labels.empty();
  if (!several || options.without.empty() || options.session.empty()) return options;
  options.more.insert(options.more.begin(), std::exchange(options.session, {}));
  return options;
}

Result<void> check_use(const Context& context, const WhatIfCommand& options) {
  const auto several = asks_for_several(context, options.session, options.all);
  if (!several) return std::unexpected{several.error()};
  if (*several && options.save_as)
    return fail(Code::invalid, "--save-as writes one session, and several are asked about",
                "name one, or leave out --save-as");
  if (options.without.empty() && !options.more.empty())
    return fail(Code::invalid, "unexpected " + in_quotes(options.more.front()),
                "events to leave out follow --without");
  if (!options.without.empty() || !options.without_types.empty() || !options.replaced.empty() ||
      !options.inserted.empty() || options.until)
    return {};
  return fail(Code::invalid, "nothing is altered",
              "give --without, --not-type, --replace, --insert-after or --until");
}

int show(Context& context, const WhatIfCommand& options) {
  if (auto use = check_use(context, options); !use) return context.refuse(use.error());
  const auto on_corrupt = parse_on_corrupt(options.on_corrupt);
  if (!on_corrupt) return context.refuse(on_corrupt.error());
  std::vector<Assertion> assertions;
  for (const Condition& condition : options.assertions) {
    auto one = Assertion::parse(condition);
    if (!one) return context.refuse(one.error());
    assertions.push_back(std::move(*one));
  }
  Selector selector{context};
  const auto subject = Subject::choose(selector, options.session, *on_corrupt);
  if (!subject) return context.refuse(subject.error());
  const History& history = subject->history();
  const auto alterations = read_alterations(*subject, options, context.zone);
  if (!alterations) return context.refuse(alterations.error());
  const auto ledger = choose_ledger(context, *subject->inputs().front(), options.ledger);
  if (!ledger) return context.refuse(ledger.error());
  const auto views = choose(history, *ledger, options, assertions);
  if (!views) return context.refuse(views.error());
  const auto factories = subject->folds(views->all, *ledger);
  if (!factories) return context.refuse(factories.error());
  const auto what = what_if(history, *alterations, *factories, *ledger, *on_corrupt);
  if (!what) return context.refuse(subject->with_advice(what.error()));

  const std::string actual = state_of(*what, *views, views->shown, &StatePair::actual);
  const std::string altered = state_of(*what, *views, views->shown, &StatePair::counterfactual);
  Gate gate{context,
            {.decides = !assertions.empty(),
             .on_corrupt = *on_corrupt,
             .allow_empty = options.allow_empty}};
  gate.asked(*subject, what->report, what->notes);
  gate.lacks_files(selector.unreadable());
  gate.count(what->events_actual);
  tell_unmatched(gate, context, pointers_to(subject->inputs()),
                 {.types = alterations->without_types}, {});
  formats::WhatIfAnswer answer{.session_id = history.session_id,
                               .several = subject->several(),
                               .altered = describe(*subject, *alterations),
                               .only_left_out = alterations->replaced.empty() &&
                                                alterations->inserted.empty() &&
                                                !alterations->until,
                               .views = listed(views->shown),
                               .what = *what,
                               .fields = paired_fields(actual, altered),
                               .incomplete = gate.incomplete()};
  answer.rules = tell_rules(context, subject->of_store(), By::ledger);
  bool held = true;
  for (Assertion& one : assertions) {
    const auto met = judge(context, gate, one, *what, *views, options.projection.has_value());
    if (!met) return context.refuse(met.error());
    held = held && *met;
  }
  if (options.save_as) {
    if (auto saved = save(context, history, *alterations, answer.altered, *options.save_as); !saved)
      return context.refuse(saved.error());
    answer.saved_as = options.save_as;
  }
  context.start_pager();
  if (context.common.json) formats::write_whatif_json(context.out, answer);
  else formats::write_whatif_text(context.out, answer, context.screen());
  return context.finish(gate.status(held));
}

}  // namespace

int run(Context& context, const WhatIfCommand& options) {
  return show(context, with_more(context, options));
}

}  // namespace agentstore::cmd
