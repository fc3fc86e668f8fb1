#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <ranges>

#include "agentstore/analysis/event_parts.hpp"
#include "cmd/commands.hpp"
#include "cmd/gates/event_assertions.hpp"
#include "cmd/gates/gate.hpp"
#include "cmd/gates/unmatched.hpp"
#include "cmd/input/event_spill.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/rules_in_force.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/replay/chat.hpp"
#include "cmd/replay/feed.hpp"
#include "cmd/replay/follow.hpp"
#include "cmd/replay/printer.hpp"
#include "cmd/replay/state_per_event.hpp"
#include "cmd/replay/timeline_options.hpp"
#include "cmd/words/filters.hpp"
#include "cmd/words/grep.hpp"
#include "cmd/words/points.hpp"
#include "cmd/words/where.hpp"

namespace agentstore::cmd {
namespace {

Result<Printer::Format> read_format(const Context& context, const ReplayCommand& options) {
  if (options.quiet) return Printer::Format::nothing;
  if (context.common.json || options.format == "json") return Printer::Format::json;
  if (options.format == "jsonl") return Printer::Format::jsonl;
  if (options.format == "timeline") return Printer::Format::timeline;
  return fail(Code::invalid, "--format cannot be " + in_quotes(options.format),
              "it is timeline, json or jsonl");
}

Result<void> check_use(const ReplayCommand& options, bool json) {
  if (options.all == !options.session.empty())
    return fail(
        Code::invalid, options.all ? "--all and a session are given" : "no session is named",
        options.all
            ? "give one of them"
            : "give its id or name, or @ for the newest, or --all; `agentstore sessions` lists "
              "what is there");
  if (auto chat = check_chat(options, json); !chat) return chat;
  if (auto fed = check_feed(options, json); !fed) return fed;
  if (options.projection && !shows_state(options))
    return fail(Code::invalid, "--projection goes with --state, --patch or --step");
  if (shows_state(options) && options.all)
    return fail(Code::invalid, "the state is that of one session", "leave out --all");
  if (options.fields &&
      (shows_state(options) || options.quiet || (options.format == "timeline" && !json)))
    return fail(Code::invalid, "--fields goes with --json or --format jsonl");
  if (!options.assertions.empty() && (shows_state(options) || options.follow || options.newest))
    return fail(Code::invalid, "--assert asks about each event that is read",
                "leave out --follow, --newest, --state, --patch and --step");
  if (!options.follow || is_feed(options)) return {};
  if (options.session == "-" || options.reverse || options.output || options.quiet)
    return fail(Code::invalid,
                "--follow goes with one session of a file, forwards, to standard output",
                "leave out -, --reverse, --output and --quiet");
  return {};
}

Result<void> check_point_use(const Input& input, const ReplayCommand& options) {
  if (input.point() && options.follow)
    return fail(Code::invalid, "--follow does not end at an event",
                fmt::format("leave out @{}", *input.point()));
  return check_range(input.point(), options.filter);
}

Result<void> print_newest(EventReader& reader, Printer& printer, std::uint64_t count,
                          bool reverse) {
  std::deque<OwnedEvent> newest;
  const auto keep = [&](const EventView& event) -> Result<void> {
    if (count == 0) return {};
    newest.emplace_back(event);
    if (newest.size() > count) newest.pop_front();
    return {};
  };
  const auto read = for_each_event(reader, keep);
  if (reverse) std::ranges::reverse(newest);
  for (const OwnedEvent& event : newest) printer.event(event.view());
  return read;
}

Result<void> print_forwards(EventReader& reader, Printer& printer) {
  for (;;) {
    const auto batch = reader.next();
    if (!batch) return std::unexpected{batch.error()};
    if (batch->empty()) return {};
    for (const EventView& event : *batch) printer.event(event);
    if (!printer.flush()) return {};
  }
}

Result<void> print_backwards(EventReader& reader, Printer& printer) {
  EventStack events;
  const auto read =
      for_each_event(reader, [&](const EventView& event) { return events.push(event); });
  const auto drained = events.drain([&](const EventView& event) {
    printer.event(event);
    return printer.events() % 256 != 0 || printer.flush();
  });
  return drained ? read : drained;
}

/// Prints what was asked for. Returns what was learned of the log.
Result<ReadReport> print_events(Selector& selector, const Input* input, Inputs& all,
                                const ReplayCommand& options, ReadOptions read, Printer& printer) {
  const bool one_by_one = options.newest || options.reverse || printer.in_order();
  if (input != nullptr && !one_by_one) return input->read_parts(std::move(read), printer.parts());
  // Of what is asked, --grep alone may be asked by several threads.
  const FilterOptions& asked = options.filter;
  const bool side_by_side =
      asked.where.empty() && asked.tools.empty() && options.assertions.empty();
  const auto reader = input != nullptr ? input->read(std::move(read))
                                       : selector.read_all(all, std::move(read), side_by_side);
  if (!reader) return std::unexpected{reader.error()};
  if (!one_by_one) return read_parts(**reader, printer.parts());
  const auto printed = options.newest
                           ? print_newest(**reader, printer, *options.newest, options.reverse)
                       : options.reverse ? print_backwards(**reader, printer)
                                         : print_forwards(**reader, printer);
  if (!printed) return std::unexpected{printed.error()};
  return (*reader)->report();
}

/// The names that --fields asks for.
Result<std::vector<std::string>> read_fields(const std::optional<std::string>& asked) {
  std::vector<std::string> names;
  if (!asked) return names;
  if (asked->empty()) {
    names = {"sequence_number", "event_id", "type", "timestamp"};
    names.insert(names.end(), event_part_names().begin(), event_part_names().end());
    return names;
  }
  for (std::string_view rest = *asked;;) {
    const std::size_t comma = rest.find(',');
    names.emplace_back(rest.substr(0, comma));
    if (names.back().empty()) return fail(Code::invalid, "--fields has an empty name");
    if (comma == rest.npos) return names;
    rest.remove_prefix(comma + 1);
  }
}

/// A name that no event has, unless it is one of the parts, which few events have.
void tell_unmet(Context& context, const std::string& name) {
  const auto parts = event_part_names();
  if (std::ranges::find(parts, name) != parts.end()) return;
  const std::string hint = nearest_field(name);
  context.note("no event has " + in_quotes(name) + ", so it is null" +
               (hint.empty() ? hint : "; " + hint));
}

/// As the other of that name, after `events` were found.
void tell_unmatched(Gate& gate, Context& context, Selector& selector, const Input* input,
                    Filter asked, std::uint64_t events) {
  if (events > 0) {
    asked.from_seq = 1;
    if (asked.types.size() == 1) asked.types.clear();
  }
  if (input != nullptr) return cmd::tell_unmatched(gate, context, std::array{input}, asked, {});
  if (asked.from_seq <= 1 && asked.types.empty() && asked.not_types.empty()) return;
  selector.leave_out_without(nullptr);
  const auto all = selector.all();
  const auto inputs = all ? pointers_to(*all) : std::vector<const Input*>{};
  cmd::tell_unmatched(gate, context, inputs, asked, {});
}

/// Whether every event is shown: then a call without a result has none.
bool is_whole(const Filter& filter, const ReplayCommand& options, const Input* input) {
  return filter.takes_all() && !options.newest && input != nullptr && !input->point();
}

/// The flags, read.
struct Asked {
  Printer::Format format;
  OnCorrupt on_corrupt;
  ReadOptions read;
  EventAssertions assertions;
  std::vector<std::string> fields;

  bool decides(const ReplayCommand& options) const { return options.quiet || !assertions.empty(); }
};

/// Errors: invalid; those of --where and --grep.
Result<Asked> read_flags(const Context& context, const ReplayCommand& options, Where& where) {
  if (auto use = check_use(options, context.common.json); !use) return std::unexpected{use.error()};
  const auto format = read_format(context, options);
  if (!format) return std::unexpected{format.error()};
  const auto on_corrupt = parse_on_corrupt(options.on_corrupt);
  if (!on_corrupt) return std::unexpected{on_corrupt.error()};
  auto filter = make_filter(options.filter, context.zone, where);
  if (!filter) return std::unexpected{filter.error()};
  auto assertions = EventAssertions::parse(options.assertions);
  if (!assertions) return std::unexpected{assertions.error()};
  auto fields = read_fields(options.fields);
  if (!fields) return std::unexpected{fields.error()};
  Asked asked{.format = *format,
              .on_corrupt = *on_corrupt,
              .read = {.filter = std::move(*filter), .on_corrupt = *on_corrupt, .raw = options.raw},
              .assertions = std::move(*assertions),
              .fields = std::move(*fields)};
  if (options.newest && !options.all && !options.follow && asked.read.filter.takes_all())
    asked.read.filter.newest = *options.newest;
  // A few lines are soon checked, and what decides counts no line that was not.
  const bool checks = asked.decides(options) || asked.read.filter.newest > 0;
  asked.read.seals = checks ? Seals::all : Seals::short_logs;
  asked.assertions.watch(asked.read.filter);
  return asked;
}

/// What has to stand in the files of other tools; takes all where the whole of them counts. Errors:
/// as raw_filter_of_grep.
Result<RawFilter> raw_filter(const Context& context, const ReplayCommand& options,
                             const Asked& asked) {
  const bool whole =
      !options.all || asked.decides(options) || is_feed(options) || !context.common.upcasts.empty();
  if (whole || !options.filter.grep) return RawFilter{};
  return raw_filter_of_grep(*options.filter.grep);
}

/// Prints the session, or all of them, and says what was not there and what did not hold.
int print(Context& context, Selector& selector, const Input* input, Inputs& all,
          const ReplayCommand& options, Asked asked, const Where& where, Printer& printer) {
  const Filter looked_for{.from_seq = asked.read.filter.from_seq,
                          .types = asked.read.filter.types,
                          .not_types = asked.read.filter.not_types};
  const auto printed = print_events(selector, input, all, options, std::move(asked.read), printer);
  // An array is whole even where nothing before the damage could be read.
  const bool array = asked.format == Printer::Format::json;
  const bool damaged = !printed && printed.error().code == Code::corrupt;
  if (printed || printer.events() > 0 || (array && damaged)) printer.end();
  Gate gate{context,
            {.decides = asked.decides(options),
             .on_corrupt = asked.on_corrupt,
             .allow_empty = options.allow_empty}};
  const int told = where.tell(context, Status::fine);
  if (!printed)
    gate.failed(input != nullptr ? with_advice(printed.error(), *input) : printed.error());
  else if (!context.out.done()) gate.read(*printed);
  gate.lacks_files(selector.unreadable());
  gate.add_failure(told);
  if (printer.events() == 0) gate.lacks_payloads(where.redacted());
  if (!context.out.done() && !options.quiet)
    tell_unmatched(gate, context, selector, input, looked_for, printer.events());
  if (printer.events() > 0)
    for (const std::string& name : printer.unmet_fields()) tell_unmet(context, name);
  const bool held = asked.assertions.tell(context, gate);
  gate.count(printer.events());
  if (printed && asked.format == Printer::Format::timeline && !options.quiet && !options.raw)
    tell_rules(context, input == nullptr || input->of_store(), By::upcasts);
  return context.finish(options.quiet && asked.assertions.empty()
                            ? gate.status_of_search(printer.events() > 0)
                            : gate.status(held));
}

}  // namespace

int run(Context& context, const ReplayCommand& options) {
  Where where;
  auto asked = read_flags(context, options, where);
  if (!asked) return context.refuse(asked.error());
  if (asked->format == Printer::Format::jsonl) context.out.keep_bytes();

  Selector selector{context};
  const auto raw = raw_filter(context, options, *asked);
  if (!raw) return context.refuse(raw.error());
  if (!raw->takes_all()) selector.leave_out_without(&*raw);
  if (options.lag) return feed_lag(context, selector, options);
  std::unique_ptr<Input> chosen;
  Inputs all;
  const bool feeds = is_feed(options);
  if (options.all && !feeds) {
    auto found = selector.all();
    if (!found) return context.refuse(found.error());
    all = std::move(*found);
  } else if (!feeds) {
    auto one = selector.choose(options.session);
    if (!one) return context.refuse(one.error());
    chosen = std::move(*one);
    if (auto use = check_point_use(*chosen, options); !use) return context.refuse(use.error());
  }
  const Input* const input = chosen.get();
  if (options.output)
    if (auto opened = context.write_to(*options.output, input != nullptr ? input->path() : "");
        !opened)
      return context.refuse(opened.error());

  if (shows_state(options))
    return replay_state(context, *input, options, std::move(asked->read), where);
  if (options.chat) return replay_chat(context, *input, options, std::move(asked->read), where);
  formats::TimelineOptions timeline;
  if (asked->format == Printer::Format::timeline) {
    auto shown = timeline_options(
        context, options,
        {.session = input, .all = &all, .whole = is_whole(asked->read.filter, options, input)});
    if (!shown) return context.refuse(shown.error());
    timeline = std::move(*shown);
    if (!options.output && !options.follow && !feeds) context.start_pager();
  }
  Printer printer{context, asked->format, input, std::move(timeline)};
  printer.choose_fields(std::move(asked->fields));
  if (feeds)
    return where.tell(context, feed(context, selector, options, std::move(asked->read), printer));
  if (options.follow)
    return where.tell(context, follow(context, *input, options, std::move(asked->read), printer));
  return print(context, selector, input, all, options, std::move(*asked), where, printer);
}

}  // namespace agentstore::cmd
