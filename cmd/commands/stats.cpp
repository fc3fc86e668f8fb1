#include "formats/answers/stats.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <tuple>

#include "agentstore/analysis/fields.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "cmd/commands.hpp"
#include "cmd/gates/gate.hpp"
#include "cmd/gates/unmatched.hpp"
#include "cmd/input/known_files.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/rules_in_force.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/read_whole.hpp"
#include "cmd/replay/page_folder.hpp"
#include "cmd/totals/explanation.hpp"
#include "cmd/totals/file_sums.hpp"
#include "cmd/totals/totals.hpp"
#include "cmd/totals/unread_usage.hpp"
#include "cmd/words/assertions.hpp"
#include "cmd/words/filters.hpp"
#include "cmd/words/points.hpp"
#include "formats/answers/prices.hpp"
#include "formats/answers/stats_groups.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t price_bytes_max = std::size_t{1} << 20;

/// Reads every session that can be read; the gate is told of the others.
class Sessions {
 public:
  Sessions(Context& context, const StatsCommand& options, const Prices& prices,
           const Filter& filter, const Grouping& grouping, OnCorrupt on_corrupt, Gate& gate)
      : context_{context},
        options_{options},
        prices_{prices},
        filter_{filter},
        on_corrupt_{on_corrupt},
        gate_{gate},
        selector_{context},
        adder_{grouping, prices, options.explain} {
    adder_.keep_settled(context.known_files().settled_uses());
    if (filter.takes_all() && !options.explain)
      selector_.sum_with(file_sums(context, grouping, prices, true));
  }

  void add_all(formats::StatsAnswer& answer, Sums& sums) {
    const auto chosen = choose();
    gate_.lacks_files(selector_.unreadable());
    of_store_ = std::ranges::any_of(chosen, [](const auto& one) { return one->of_store(); });
    const bool single = !options_.sessions.empty() && chosen.size() == 1 && all_chosen_;
    const View view = single ? View::session : View::all;
    for (const auto& one : chosen) {
      const Labels& labels = one->session().labels;
      if (const auto agent = labels.find("agent_id"); agent != labels.end())
        adder_.agent_is_known(agent->second);
      add(*one, view, answer, sums);
    }
    gate_.lacks_figures(adder_.redacted_results(), asks_for_tool_errors());
    if (single && !adder_.several()) add_children(*chosen.front());
    settle(answer, sums, view);
    if (options_.explain) explain(pointers_to(chosen), answer.sessions, sums.totals);
    answer.sub_agents = adder_.sub_agents();
    if (answer.sub_agents) tell_unread(answer.sub_agents->totals);
    tell_unmatched(pointers_to(chosen), sums.totals);
    if (!single || adder_.several()) return add_sessions_of_file(answer);
    answer.session = chosen.front()->session();
    answer.session->id = first_id_;
  }

  /// Says what the sessions are called that groups are of.
  void name_groups(std::vector<formats::StatsGroup>& groups) const {
    for (formats::StatsGroup& group : groups)
      for (formats::GroupKey& key : group.keys) {
        if (key.by != "session" || !key.value) continue;
        const auto found = names_.find(*key.value);
        if (found != names_.end()) std::tie(key.name, key.title) = found->second;
      }
  }

  /// With --explain.
  const formats::ExplainAnswer& explanation() const { return explanation_; }

  /// Whether any of them is of the store.
  bool of_store() const { return of_store_; }

 private:
  bool asks_for_tool_errors() const {
    return std::ranges::any_of(options_.assertions, [](const Condition& one) {
      return one.text.find("tool_errors") != one.text.npos;
    });
  }

  Result<std::unique_ptr<Input>> choose(const std::string& word) {
    auto one = selector_.choose(word);
    if (!one) return one;
    if (auto range = check_range((*one)->point(), options_.filter); !range)
      return std::unexpected{range.error()};
    return one;
  }

  Inputs choose() {
    Inputs chosen;
    if (options_.sessions.empty()) {
      auto all = selector_.each_once();
      if (!all) {
        gate_.failed(all.error());
        return {};
      }
      return std::move(*all);
    }
    for (const std::string& word : options_.sessions) {
      auto one = choose(word);
      if (one) chosen.push_back(std::move(*one));
      else gate_.failed(one.error());
      all_chosen_ = all_chosen_ && one;
    }
    if (auto once = selector_.drop_repeated(chosen); !once) {
      gate_.failed(once.error());
      chosen.clear();
    }
    return chosen;
  }

  /// The sessions of the sub-agents that a session started.
  void add_children(const Input& parent) {
    if (parent.session().id.empty()) return;
    const auto children = selector_.children(parent);
    if (!children) return gate_.failed(children.error());
    for (const auto& child : *children)
      if (auto added = add_child(parent, *child); !added) return gate_.failed(added.error());
  }

  Result<void> add_child(const Input& parent, const Input& child) {
    ReadOptions options = read_options();
    // At an event of the session, what its sub-agents did until then.
    if (parent.point())
      options.filter.until = std::min(options.filter.until.value_or(parent.session().updated_at),
                                      parent.session().updated_at);
    auto report =
        child.read_parts(std::move(options), adder_.parts(child.labels()), adder_.needs());
    if (!report) return std::unexpected{with_advice(report.error(), child)};
    gate_.read(*report);
    const Session& session = child.session();
    const auto agent = session.labels.find("agent_id");
    return adder_.add_apart(agent == session.labels.end() ? session.id : agent->second);
  }

  /// Titles are read where somebody looks at them.
  void keep_name(const Input& one) {
    const Session& session = one.session();
    if (std::ranges::none_of(options_.by,
                             [](const std::string& by) { return by.find("session") != by.npos; }))
      return;
    const bool looked_at = context_.common.json || context_.screen().columns > 0;
    names_[session.id] = {session.name,
                          session.name.empty() && looked_at ? one.title() : std::string{}};
  }

  void add(const Input& one, View view, formats::StatsAnswer& answer, Sums& sums) {
    keep_name(one);
    const auto report = one.read_parts(read_options(), adder_.parts(one.labels()), adder_.needs());
    if (!report) return gate_.failed(with_advice(report.error(), one));
    const auto added = adder_.add_to(sums, view);
    if (!added) return gate_.failed(left_out(one, added.error()));
    if (first_id_.empty()) first_id_ = adder_.main_session();
    if (first_id_.empty()) first_id_ = one.session_id(on_corrupt_).value_or("");
    answer.sessions += *added;
    gate_.read(*report);
    tell_unread(one, sums.totals);
    tell_unfinished(one, sums.totals);
  }

  /// A stream that was cut off, or whose process was killed.
  void tell_unfinished(const Input& one, const Totals& totals) {
    const std::uint64_t before = std::exchange(unfinished_before_, totals.unfinished_runs());
    const std::uint64_t runs = unfinished_before_ - std::min(before, unfinished_before_);
    if (runs > 0)
      gate_.lacks({one.label() + ": a run has no result: what it used is not known"}, runs);
  }

  void explain(const std::vector<const Input*>& inputs, std::uint64_t sessions,
               const Totals& totals) {
    explanation_.sessions = sessions;
    explanation_.counted_in = totals.tokens_in;
    explanation_.counted_out = totals.tokens_out;
    if (const auto agents = adder_.sub_agents()) {
      explanation_.counted_in += agents->totals.tokens_in;
      explanation_.counted_out += agents->totals.tokens_out;
    }
    auto records = cmd::explain(adder_, totals, inputs);
    if (records) explanation_.records = std::move(*records);
    else gate_.failed(records.error());
  }

  void settle(formats::StatsAnswer& answer, Sums& sums, View view) {
    const auto uncounted = adder_.settle(sums, view);
    if (!uncounted) return gate_.failed(uncounted.error());
    answer.uncounted = *uncounted;
    if (context_.common.json && uncounted->history_responses > 0)
      context_.note(formats::history_text(*uncounted));
  }

  /// A file of several sessions: each of them.
  void add_sessions_of_file(formats::StatsAnswer& answer) {
    if (!options_.by.empty()) return;
    for (const auto& [id, totals] : adder_.sessions_of_files())
      answer.groups.push_back({{{"session", id}}, totals});
  }

  void tell_unmatched(const std::vector<const Input*>& chosen, const Totals& totals) {
    std::vector<std::string> matched;
    for (const auto& [type, count] : totals.by_type) matched.push_back(type);
    cmd::tell_unmatched(gate_, context_, chosen, filter_, matched);
    gate_.count(totals.events);
    if (totals.events == 0 && any_event_of_another_type(chosen, filter_)) gate_.count(1);
  }

  void tell_unread(const Input& one, const Totals& totals) {
    const auto of_one = std::span{totals.unread_usage}.subspan(unread_before_);
    gate_.lacks(places_of(one, of_one), totals.unread_usage_count - unread_count_before_);
    unread_before_ = totals.unread_usage.size();
    unread_count_before_ = totals.unread_usage_count;
  }

  /// Of sub-agents no file is known.
  void tell_unread(const Totals& totals) {
    std::vector<std::string> places;
    for (const UnreadUsage& one : totals.unread_usage) places.push_back(place_of(one));
    gate_.lacks(places, totals.unread_usage_count);
  }

  /// Why a session is left out: a sum of its own overflows at an event, or that of all sessions.
  Error left_out(const Input& one, const Error& error) {
    Totals own;
    if (const auto reader = one.read(read_options())) {
      auto added = for_each_event(**reader, [&](const EventView& event) {
        return own.add(event, usage_of(event), prices_);
      });
      if (!added) return added.error();
    }
    return {error.code, one.label() + " is left out: " + error.message};
  }

  // What is asserted counts no line whose seal was not checked.
  ReadOptions read_options() const {
    return {.filter = filter_,
            .on_corrupt = on_corrupt_,
            .seals = options_.assertions.empty() ? Seals::short_logs : Seals::all};
  }

  Context& context_;
  const StatsCommand& options_;
  const Prices& prices_;
  const Filter& filter_;
  const OnCorrupt on_corrupt_;
  Gate& gate_;
  Selector selector_;
  Adder adder_;
  formats::ExplainAnswer explanation_;
  std::string first_id_;
  std::map<std::string, std::pair<std::string, std::string>> names_;  // and titles, by id
  bool of_store_ = false;
  bool all_chosen_ = true;
  std::size_t unread_before_ = 0;  // in the totals, of other sessions
  std::uint64_t unread_count_before_ = 0;
  std::uint64_t unfinished_before_ = 0;
};

/// Before or after the years that are written with four digits, or among them. Texts of days are in
/// the order of time within each.
int era_of(const formats::GroupKey& key) {
  static const std::vector<std::string> times{"hour", "day", "week", "month"};
  if (!key.value || std::ranges::find(times, key.by) == times.end()) return 0;
  return key.value->starts_with('-') ? -1 : key.value->starts_with('+') ? 1 : 0;
}

/// Groups come in the order of their keys' texts, which is not that of days at the calendar's ends.
void sort_days(std::vector<formats::StatsGroup>& groups) {
  const auto order = [](const formats::StatsGroup& group) {
    std::vector<std::pair<int, std::optional<std::string>>> keys;
    for (const formats::GroupKey& key : group.keys) keys.emplace_back(era_of(key), key.value);
    return keys;
  };
  const bool beyond = std::ranges::any_of(groups, [](const formats::StatsGroup& group) {
    return std::ranges::any_of(group.keys, [](const auto& key) { return era_of(key) != 0; });
  });
  if (beyond) std::ranges::stable_sort(groups, {}, order);
}

/// The table that was asked for. Errors: those of reading it.
Result<Prices> prices_of(const StatsCommand& options) {
  if (!options.prices || options.prices->empty()) return Prices::standard();
  const auto text = read_whole_file(*options.prices, price_bytes_max);
  if (!text) return std::unexpected{text.error()};
  auto prices = Prices::parse(*text);
  if (!prices) prices.error().message = in_quotes(*options.prices) + ": " + prices.error().message;
  return prices;
}

/// Groups that have a size which a bar shows.
bool has_bars(const Grouping& grouping) {
  static const std::vector<std::string> words{"hour", "day", "week", "month", "model", "project"};
  return grouping.by.size() == 1 && std::ranges::find(words, grouping.by.front()) != words.end();
}

/// What costs were computed from, for people.
std::string name_of(const Prices& prices, const StatsCommand& options) {
  if (options.prices) return *options.prices;
  return "list prices of " + prices.date() + " (`agentstore stats --prices` shows them)";
}

/// Adds a 0 for each type that is asked for and that no event has. False where one of them is not
/// of the vocabulary: it may be mistyped; the gate is told of it.
bool add_absent_types(const Assertions& assertions, const Totals& totals,
                      std::vector<Field>& fields, Gate& gate) {
  constexpr std::string_view prefix = "by_type_";
  bool all_known = true;
  for (const std::string& name : assertions.names()) {
    if (!name.starts_with(prefix) || std::ranges::find(fields, name, &Field::name) != fields.end())
      continue;
    const std::string type = name.substr(prefix.size());
    fields.push_back({.name = name, .value = "0", .pointer = "/by_type/" + type});
    if (std::ranges::find(known_types(), type, &KnownType::type) != known_types().end()) continue;
    std::vector<std::string> types;
    for (const auto& [one, count] : totals.by_type) types.push_back(one);
    for (const KnownType& one : known_types()) types.emplace_back(one.type);
    gate.unmatched("no event is of type " + in_quotes(type), did_you_mean(type, types));
    all_known = false;
  }
  return all_known;
}

/// Where there are no sub-agents, what they did is nothing.
void add_absent_sub_agents(formats::StatsAnswer answer, std::vector<Field>& fields) {
  if (answer.sub_agents) return;
  answer.sub_agents.emplace();
  answer.groups.clear();
  formats::StringSink json;
  formats::write_stats_json(json, answer);
  for (Field& field : fields_of(json.text)) {
    if (!field.name.starts_with("sub_agents_") || field.value.starts_with('{')) continue;
    field.value = field.value == "null" ? "null" : "0";
    fields.push_back(std::move(field));
  }
}

/// What the state of a session calls them.
void add_other_names(std::vector<Field>& fields) {
  static constexpr std::pair<std::string_view, std::string_view> names[] = {
      {"event_count", "events"}, {"tokens_cost_usd", "cost_usd"}};
  for (const auto& [other, name] : names) {
    const auto found = std::ranges::find(fields, name, &Field::name);
    if (found == fields.end()) continue;
    fields.push_back(
        {.name = std::string{other}, .value = found->value, .pointer = found->pointer});
  }
}

/// Nothing where none was asked for. Errors: invalid.
Result<std::optional<formats::GroupOrder>> order_of(const StatsCommand& options) {
  if (!options.sort && !options.limit && !options.reverse) return std::nullopt;
  if (options.by.empty())
    return fail(Code::invalid, "--sort, -n and -r are of groups, and there are none",
                "say --by session, project or day with them");
  formats::GroupOrder order{
      .column = options.sort.value_or(""), .reverse = options.reverse, .limit = options.limit};
  const std::size_t colon = order.column.rfind(':');
  if (colon == order.column.npos) return order;
  const std::string way = order.column.substr(colon + 1);
  // "label:team" is a column.
  if (way != "asc" && way != "desc" && order.column.rfind("label:", 0) == 0) return order;
  if (way != "asc" && way != "desc")
    return fail(Code::invalid, "--sort: " + in_quotes(way) + " is no order", "write asc or desc");
  order.descending = way == "desc";
  order.column.resize(colon);
  return order;
}

/// All groups at once, as a page.
int write_page(Context& context, const StatsCommand& options, const Prices& prices) {
  if (!options.by.empty() || options.sort || options.limit || options.reverse ||
      !options.assertions.empty() || options.explain || context.common.json)
    return context.refuse(Code::invalid,
                          "--format html has its own groups: --by, --sort, -n, -r, --assert, "
                          "--explain and --json do not go with it",
                          "leave them out");
  Selector selector{context};
  const auto chosen =
      options.sessions.empty() ? selector.each_once() : selector.choose_each(options.sessions);
  if (!chosen) return context.refuse(chosen.error());
  return context.finish(
      write_overview_page(context, *chosen, options.filter, prices, options.prices));
}

int show(Context& context, const Prices& prices) {
  context.start_pager();
  if (context.common.json) formats::write_prices_json(context.out, prices);
  else formats::write_prices_text(context.out, prices, now(), context.screen());
  return context.finish(Status::fine);
}

}  // namespace

int run(Context& context, const StatsCommand& options) {
  const auto prices = prices_of(options);
  if (!prices) return context.refuse(prices.error());
  if (options.prices && options.prices->empty()) return show(context, *prices);
  if (options.format == "html") return write_page(context, options, *prices);
  if (options.all && !options.sessions.empty())
    return context.refuse(Code::invalid, "--all and a session are given", "give one of them");
  auto by = parse_grouping(options.by);
  if (!by) return context.refuse(by.error());
  Where where;
  const auto filter = make_filter(options.filter, context.zone, where);
  if (!filter) return context.refuse(filter.error());
  const auto on_corrupt = parse_on_corrupt(options.on_corrupt);
  if (!on_corrupt) return context.refuse(on_corrupt.error());
  const auto order = order_of(options);
  if (!order) return context.refuse(order.error());
  auto assertions = Assertions::parse(options.assertions);
  if (!assertions) return context.refuse(assertions.error());

  formats::StatsAnswer answer;
  Sums sums;
  const Grouping grouping{std::move(*by), context.zone};
  Gate gate{context,
            {.decides = !options.assertions.empty(),
             .on_corrupt = *on_corrupt,
             .allow_empty = options.allow_empty}};
  Sessions sessions{context, options, *prices, *filter, grouping, *on_corrupt, gate};
  sessions.add_all(answer, sums);
  gate.add_failure(where.tell(context, Status::fine));
  gate.lacks_payloads(where.redacted());
  // Nothing could be read: there is no answer, not even a zero.
  if (gate.any_failure() && answer.sessions == 0) return gate.status(true);
  answer.rules = tell_rules(context, sessions.of_store(), By::upcasts);
  answer.totals = std::move(sums.totals);
  answer.sessions_duration_ms = sums.in_sessions.duration_ms;
  answer.tool_durations = std::move(sums.in_sessions.tool_durations);
  for (auto& [key, sum] : sums.groups) {
    formats::StatsGroup& group = answer.groups.emplace_back();
    for (std::size_t i = 0; i < key.size(); ++i) group.keys.push_back({grouping.by[i], key[i]});
    group.totals = std::move(sum.totals);
    group.in_sessions = std::move(sum.in_sessions);
  }
  sort_days(answer.groups);
  sessions.name_groups(answer.groups);
  if (order->has_value())
    if (auto ordered = formats::order_groups(answer, **order); !ordered)
      return context.refuse(ordered.error());
  answer.prices = name_of(*prices, options);
  answer.bars = !options.no_bars && has_bars(grouping);
  answer.incomplete = gate.incomplete();
  if (options.explain) {
    formats::ExplainAnswer explanation = sessions.explanation();
    explanation.incomplete = answer.incomplete;
    context.start_pager();
    if (context.common.json) formats::write_explain_json(context.out, explanation);
    else formats::write_explain_text(context.out, explanation, context.screen());
    return context.finish(gate.status(true));
  }
  formats::StringSink json;
  formats::write_stats_json(json, answer);
  auto fields = fields_of(json.text);
  if (!options.assertions.empty()) add_absent_sub_agents(answer, fields);
  add_other_names(fields);
  const bool known = add_absent_types(*assertions, answer.totals, fields, gate);
  const auto failures = assertions->failures(fields);
  if (!failures) return context.refuse(failures.error());
  context.start_pager();
  if (context.common.json) context.out.write(json.text);
  else formats::write_stats_text(context.out, answer, context.screen());
  if (known)
    for (const std::string& failure : *failures) context.find(failure);
  return context.finish(gate.status(failures->empty() || !known));
}

}  // namespace agentstore::cmd
