#include "formats/answers/bisect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agentstore/analysis/expression.hpp"
#include "agentstore/analysis/fields.hpp"
#include "agentstore/analysis/views.hpp"
#include "agentstore/internal/nearest.hpp"
#include "cmd/commands.hpp"
#include "cmd/gates/bisect_exec.hpp"
#include "cmd/gates/gate.hpp"
#include "cmd/gates/unmet_asset.hpp"
#include "cmd/input/find_event.hpp"
#include "cmd/input/folds.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/rules_in_force.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/input/subject.hpp"
#include "cmd/input/views.hpp"
#include "cmd/time_limit.hpp"
#include "cmd/words/quoted_names.hpp"
#include "formats/events/summary.hpp"
#include "formats/text/units.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t summary_columns = 60;

/// The expression, asked of one state after another, and the values around the event at which it
/// first became true.
class Watch {
 public:
  explicit Watch(Expression expression)
      : expression_{std::move(expression)},
        asks_for_balance_{std::ranges::find(expression_.names(), "balance") !=
                          expression_.names().end()},
        met_(expression_.names().size()),
        before_(met_.size(), "null"),
        after_{before_} {}

  Result<bool> operator()(std::uint64_t sequence_number, std::span<const std::string> states) {
    const std::string state =
        states.size() == 1 ? without_mixed_sum(states[0]) : joined_states(states);
    const auto names = expression_.names();
    unmet_.clear();
    // That nothing is held yet is an answer, where no asset is named.
    if (const auto assets = folded_assets(state); assets && !asks_for_balance_)
      unmet_ = why_unmet(names, *assets);
    if (auto one = check_names(names, assets_in(state)); !one) return std::unexpected{one.error()};
    std::vector<std::optional<std::string_view>> values;
    for (std::size_t i = 0; i < names.size(); ++i) {
      values.push_back(value_of(state, names[i]));
      if (values[i]) met_[i] = true;
    }
    const LimitedWork limited{"the condition"};
    const auto answer = expression_.is_true(values);
    if (!answer || first_) return answer;
    before_ = after_;
    for (std::size_t i = 0; i < names.size(); ++i) after_[i] = values[i].value_or("null");
    if (*answer && last_ == false) first_ = sequence_number;
    last_ = *answer;
    return answer;
  }

  std::optional<std::uint64_t> first() const { return first_; }

  /// Why the newest state could not be asked; see why_unmet.
  const std::string& unmet() const { return unmet_; }

  std::vector<formats::BisectValue> values() const {
    std::vector<formats::BisectValue> values;
    for (std::size_t i = 0; i < met_.size(); ++i)
      values.push_back({expression_.names()[i], before_[i], after_[i]});
    return values;
  }

  /// A name that no state had.
  std::optional<std::string> unknown() const {
    const auto found = std::ranges::find(met_, false);
    if (found == met_.end()) return std::nullopt;
    return expression_.names()[static_cast<std::size_t>(found - met_.begin())];
  }

 private:
  Expression expression_;
  bool asks_for_balance_;
  std::vector<bool> met_;
  std::vector<std::string> before_;
  std::vector<std::string> after_;  // until then: of the newest state
  std::optional<bool> last_;
  std::optional<std::uint64_t> first_;
  std::string unmet_;
};

/// What is searched, and how.
struct Search {
  const Subject& subject;
  Ledger ledger;
  OnCorrupt on_corrupt = OnCorrupt::strict;

  const History& history() const { return subject.history(); }
};

/// What came out of a search beside the answer.
struct Searched {
  formats::BisectAnswer answer = {};
  std::vector<FoldNote> notes = {};
  ReadReport report = {};
  std::string unmet = {};  ///< why there was nothing to ask; empty: there was
};

Result<formats::BisectEvent> describe(const Search& search, std::uint64_t sequence_number) {
  formats::BisectEvent shown{.sequence_number = sequence_number};
  const auto found = read_event(search.history(), sequence_number, search.on_corrupt);
  if (!found) return std::unexpected{found.error()};
  if (!*found) return shown;
  const EventView event = (*found)->view();
  shown.event_id = event.event_id;
  shown.type = event.type;
  shown.timestamp = event.timestamp;
  shown.summary = formats::summary(event, summary_columns);
  return shown;
}

std::unexpected<Error> unknown_field(const std::string& name, const std::string& projection) {
  const auto make = projection_named(projection);
  std::vector<std::string> names;
  if (make)
    for (const Field& field : fields_of((*make)("")->to_json())) names.push_back(field.name);
  const std::string near = nearest_field_name(name, names);
  return fail(Code::invalid, "the projection " + projection + " has no field " + in_quotes(name),
              near.empty() ? std::string{} : "did you mean " + near + "?");
}

Result<Searched> search_by_expression(const Search& search, const BisectCommand& options) {
  auto expression = Expression::parse(options.expression);
  if (!expression) return std::unexpected{expression.error()};
  Result<std::vector<std::string>> views;
  if (options.projection) views->push_back(*options.projection);
  else views = projections_with(expression->names());
  if (!views)
    return std::unexpected{
        with_quotes_hint(views.error(), expression->names(), options.expression)};
  const auto projections = search.subject.folds(*views, search.ledger);
  if (!projections) return std::unexpected{projections.error()};

  Watch watch{std::move(*expression)};
  auto flips = find_flips(search.history().read, search.history().session_id, *projections,
                          std::ref(watch), search.on_corrupt, search.history().name);
  if (!flips) return std::unexpected{flips.error()};
  if (const auto name = watch.unknown(); name && options.projection)
    return unknown_field(*name, *options.projection);

  Searched searched{.notes = std::move(flips->notes), .report = std::move(flips->report)};
  searched.answer.expression = options.expression;
  searched.answer.events = flips->events;
  searched.answer.values = watch.values();
  searched.answer.at_start = flips->at_start;
  if (flips->at_start && flips->count > 0)
    searched.answer.start_ends_at = flips->flips.front().sequence_number;
  if (!watch.first()) {
    searched.unmet = watch.unmet();
    return searched;
  }
  auto event = describe(search, *watch.first());
  if (!event) return std::unexpected{event.error()};
  searched.answer.first = std::move(*event);
  const std::uint64_t own = flips->at_start ? 2 : 1;
  searched.answer.later.assign(flips->flips.begin() + static_cast<std::ptrdiff_t>(own),
                               flips->flips.end());
  searched.answer.later_count = flips->count - own;
  return searched;
}

Result<Searched> search_by_command(const Search& search, const BisectCommand& options) {
  const auto views = choose_views(search.history(), search.ledger, options.projection);
  if (!views) return std::unexpected{views.error()};
  const auto projections = search.subject.folds(*views, search.ledger);
  if (!projections) return std::unexpected{projections.error()};
  auto point = find_turning_point(
      search.history().read, search.history().session_id, *projections,
      [&](std::uint64_t sequence_number, std::span<const std::string> states) {
        return run_trial(*options.command, search.subject.event(sequence_number),
                         joined_states(states));
      },
      search.on_corrupt, search.history().name);
  if (!point) {
    point.error().message = "--exec: " + point.error().message;
    return std::unexpected{point.error()};
  }
  Searched searched{.notes = std::move(point->notes), .report = std::move(point->report)};
  searched.answer.command = options.command;
  searched.answer.events = point->events;
  searched.answer.trials = point->trials;
  searched.answer.skipped = std::move(point->skipped);
  if (!point->bad) return searched;
  auto event = describe(search, point->first_bad);
  if (!event) return std::unexpected{event.error()};
  searched.answer.first = std::move(*event);
  return searched;
}

/// Of several sessions none is named: the only word is the expression.
BisectCommand with_expression(const Context& context, BisectCommand options) {
  const bool several = options.all || !context.common.labels.empty();
  if (several && options.expression.empty() && !options.command)
    options.expression = std::exchange(options.session, {});
  return options;
}

Result<void> check_use(const Context& context, const BisectCommand& options) {
  if (auto several = asks_for_several(context, options.session, options.all); !several)
    return std::unexpected{several.error()};
  if (options.expression.empty() == !options.command)
    return fail(Code::invalid,
                options.command ? "an expression and --exec are given"
                                : "neither an expression nor --exec is given",
                "give one of them: what is searched for");
  return {};
}

void tell_nothing_found(Context& context, const Subject& subject,
                        const formats::BisectAnswer& answer) {
  const std::string events = formats::thousands(answer.events);
  if (answer.command)
    return (void)context.find("the newest state is good, after " + events + " events");
  if (answer.at_start)
    return (void)context.find(
        "never became true: it is true from the start" +
        (answer.start_ends_at
             ? " until " + subject.name_of(*answer.start_ends_at) + ", then no more"
             : ", after each of " + events + " events") +
        ": " + *answer.expression);
  std::string values;
  for (const formats::BisectValue& value : answer.values)
    values += (values.empty() ? " (in the end " : ", ") + value.name + " = " + value.after;
  context.find("never true in " + events + " events: " + *answer.expression +
               (values.empty() ? "" : values + ")"));
}

int show(Context& context, const BisectCommand& options) {
  if (auto use = check_use(context, options); !use) return context.refuse(use.error());
  const auto on_corrupt = parse_on_corrupt(options.on_corrupt);
  if (!on_corrupt) return context.refuse(on_corrupt.error());
  Selector selector{context};
  const auto subject = Subject::choose(selector, options.session, *on_corrupt);
  if (!subject) return context.refuse(subject.error());
  const auto ledger = choose_ledger(context, *subject->inputs().front(), options.ledger);
  if (!ledger) return context.refuse(ledger.error());
  const Search search{*subject, *ledger, *on_corrupt};
  auto searched =
      options.command ? search_by_command(search, options) : search_by_expression(search, options);
  if (!searched) return context.refuse(subject->with_advice(searched.error()));
  formats::BisectAnswer& answer = searched->answer;
  answer.session_id = subject->history().session_id;
  answer.several = subject->several();
  Gate gate{context, {.on_corrupt = *on_corrupt, .allow_empty = options.allow_empty}};
  gate.asked(*subject, searched->report, searched->notes);
  gate.lacks_files(selector.unreadable());
  gate.count(answer.events);
  answer.incomplete = gate.incomplete();
  answer.rules = tell_rules(context, subject->of_store(), By::ledger);
  if (context.common.json) formats::write_bisect_json(context.out, answer);
  else formats::write_bisect_text(context.out, answer, context.screen());
  if (!searched->unmet.empty()) gate.unmatched("not judged: " + searched->unmet, {});
  else if (!answer.first && answer.events > 0) tell_nothing_found(context, *subject, answer);
  const bool unjudged = !searched->unmet.empty() && !options.allow_empty;
  return context.finish(gate.status(answer.first || unjudged));
}

}  // namespace

int run(Context& context, const BisectCommand& options) {
  return show(context, with_expression(context, options));
}

}  // namespace agentstore::cmd
