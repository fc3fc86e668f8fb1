#include "cmd/replay/state_per_event.hpp"

#include <array>
#include <optional>

#include "agentstore/analysis/patch.hpp"
#include "agentstore/analysis/responses.hpp"
#include "agentstore/analysis/views.hpp"
#include "cmd/gates/gate.hpp"
#include "cmd/gates/unmatched.hpp"
#include "cmd/input/folds.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/rules_in_force.hpp"
#include "cmd/input/views.hpp"
#include "cmd/replay/changed_fields.hpp"
#include "cmd/replay/step.hpp"
#include "cmd/replay/timeline_options.hpp"
#include "formats/answers/changes.hpp"
#include "formats/events/timeline.hpp"
#include "formats/exports/export.hpp"

namespace agentstore::cmd {
namespace {

/// Prints an event and what it did.
class ChangePrinter {
 public:
  ChangePrinter(Context& context, const ReplayCommand& options, ProjectionGroup& fold,
                formats::TimelineOptions timeline)
      : context_{context},
        patches_{options.patch},
        array_{context.common.json || options.format == "json"},
        text_{!array_ && !patches_ && options.format != "jsonl"},
        fold_{fold},
        shown_{patches_ ? "{}" : fold.state()},
        timeline_{context.out, std::move(timeline)},
        elements_{context.out} {}

  Result<void> event(const EventView& event, bool show) {
    if (show && !patches_ && !shown_is_newest_) shown_ = fold_.state();
    shown_is_newest_ = show;
    if (auto applied = fold_.apply(event); !applied) return applied;
    if (!show) return {};
    ++events_shown_;
    // Patches make a projection's own state, which is what `state` shows.
    const bool own = patches_ && fold_.size() == 1;
    std::string after = own ? fold_[0].to_json() : fold_.state();
    if (patches_) print_patch(after);
    else if (text_) print(event, after);
    else print_json(event, after);
    shown_ = std::move(after);
    return {};
  }

  std::uint64_t events_shown() const { return events_shown_; }

  void end() {
    if (array_) elements_.end();
    if (text_) timeline_.end(totals_.sum().value_or(totals_.of_events()));
  }

 private:
  void print_patch(std::string_view after) {
    if (array_) elements_.add_written();
    write_json_patch(shown_, after, [&](std::string_view part) { context_.out.write(part); });
    if (!array_) context_.out.write("\n");
  }

  void print(const EventView& event, std::string_view after) {
    timeline_.event(event);
    // A sum that overflows is told by whoever is asked for it; the changes stand for themselves.
    (void)totals_.add(event);
    for_each_changed_state_field(shown_, after, [&](const FieldPair& change) {
      context_.out.write("      " + formats::change_text(change, context_.width - 6) + "\n");
      return true;
    });
  }

  void print_json(const EventView& event, std::string_view after) {
    if (array_) elements_.add_written();
    formats::ChangesJson json{context_.out, event};
    for_each_changed_state_field(shown_, after, [&](const FieldPair& change) {
      json.add(change);
      return true;
    });
    json.end();
    if (!array_) context_.out.write("\n");
  }

  Context& context_;
  bool patches_;
  bool array_;
  bool text_;
  ProjectionGroup& fold_;
  std::string shown_;  // the state that the next change starts from
  bool shown_is_newest_ = true;
  formats::Timeline timeline_;
  formats::JsonArray elements_;
  CountedTotals totals_;
  std::uint64_t events_shown_ = 0;
};

Result<void> check_use(const ReplayCommand& options) {
  if (options.state + options.patch + options.step > 1)
    return fail(Code::invalid, "--state, --patch and --step are three ways to show the same",
                "give one of them");
  if (options.all || options.follow || options.reverse || options.newest || options.quiet)
    return fail(Code::invalid, "the state is folded over one session, forwards",
                "leave out --all, --follow, --reverse, --newest and --quiet");
  return {};
}

Result<void> print_changes(EventReader& reader, const Filter& shown, ChangePrinter& printer,
                           Output& out) {
  for (;;) {
    const auto batch = reader.next();
    if (!batch) return std::unexpected{batch.error()};
    if (batch->empty()) return {};
    for (const EventView& event : *batch)
      if (auto done = printer.event(event, shown.matches(event)); !done) return done;
    if (!out.flush()) return {};
  }
}

Result<std::vector<ProjectionFactory>> choose_factories(const History& history,
                                                        const Ledger& ledger,
                                                        const ReplayCommand& options) {
  std::optional<std::string> projection = options.projection;
  if (options.patch && !projection) projection = "session";
  const auto views = choose_views(history, ledger, projection);
  if (!views) return std::unexpected{views.error()};
  return factories_of(*views, ledger, history.labels);
}

}  // namespace

bool shows_state(const ReplayCommand& options) {
  return options.state || options.patch || options.step;
}

int replay_state(Context& context, const Input& input, const ReplayCommand& options,
                 ReadOptions read, const Where& where) {
  if (auto use = check_use(options); !use) return context.refuse(use.error());
  auto history = input.history();
  if (!history) return context.refuse(with_advice(history.error(), input));
  const auto ledger = choose_ledger(context, input, options.ledger);
  if (!ledger) return context.refuse(ledger.error());
  const auto factories = choose_factories(*history, *ledger, options);
  if (!factories) return context.refuse(with_advice(factories.error(), input));
  ProjectionGroup fold{*factories, history->session_id};
  ReadOptions all{.on_corrupt = read.on_corrupt, .raw = read.raw};
  if (options.step)
    return step(context, {input.label(), *history, std::move(all), std::move(read.filter)}, fold);

  all.filter.to_seq = read.filter.to_seq;
  const auto reader = input.read(std::move(all));
  if (!reader) return context.refuse(reader.error());
  auto timeline = timeline_options(context, options, {.session = &input});
  if (!timeline) return context.refuse(timeline.error());
  timeline->box = timeline->fold = timeline->pairs = false;
  if (!options.output && !options.patch && options.format == "timeline") context.start_pager();
  ChangePrinter printer{context, options, fold, std::move(*timeline)};
  const auto printed = print_changes(**reader, read.filter, printer, context.out);
  if (printed) printer.end();
  const int told = where.tell(context, Status::fine);
  if (!printed) return context.finish(context.refuse(with_advice(printed.error(), input)));
  if (options.format == "timeline" && !options.patch)
    tell_rules(context, input.of_store(), By::ledger);
  Gate gate{context, {.decides = false, .on_corrupt = read.on_corrupt}};
  if (!context.out.done()) {
    gate.read((*reader)->report());
    gate.folded(fold.notes());
    if (printer.events_shown() == 0)
      tell_unmatched(gate, context, std::array{&input}, read.filter, {});
  }
  gate.add_failure(told);
  return context.finish(gate.status(true));
}

}  // namespace agentstore::cmd
