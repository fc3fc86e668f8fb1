#include "formats/answers/sessions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <ranges>
#include <vector>

#include "cmd/commands.hpp"
#include "cmd/gates/unmatched.hpp"
#include "cmd/input/known_files.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/totals/file_sums.hpp"
#include "cmd/totals/session_totals.hpp"
#include "cmd/words/filters.hpp"
#include "cmd/words/labels.hpp"
#include "cmd/words/session_order.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t branch_depth_max = 20;  // deeper ones are not indented further

/// What a session comes from: the one whose agent started it, or that it is a copy of.
std::string parent_of(const Session& session) {
  for (const char* const label : {"parent_session", "forked_from"})
    if (const auto found = session.labels.find(label); found != session.labels.end())
      return found->second;
  return {};
}

/// Puts each session after the one that it comes from. Iterative: a chain may be as long as the
/// list.
class Tree {
 public:
  explicit Tree(Inputs chosen)
      : chosen_{std::move(chosen)}, children_(chosen_.size()), added_(chosen_.size()) {
    for (std::size_t i = 0; i < chosen_.size(); ++i) index_[chosen_[i]->session().id] = i;
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      const std::size_t parent = parent_index(i);
      if (parent == i) roots_.push_back(i);
      else children_[parent].push_back(i);
    }
  }

  Inputs ordered(std::vector<std::size_t>& depths) {
    depths.clear();
    Inputs out;
    out.reserve(chosen_.size());
    for (const std::size_t root : roots_) add_all(root, out, depths);
    // Sessions that come from one another in a circle.
    for (std::size_t i = 0; i < chosen_.size(); ++i) add_all(i, out, depths);
    return out;
  }

 private:
  struct Place {
    std::size_t index;
    std::size_t depth;
  };

  std::size_t parent_index(std::size_t i) const {
    const auto found = index_.find(parent_of(chosen_[i]->session()));
    return found == index_.end() ? i : found->second;
  }

  void add_all(std::size_t root, Inputs& out, std::vector<std::size_t>& depths) {
    std::vector<Place> waiting{{root, 0}};
    while (!waiting.empty()) {
      const auto [index, depth] = waiting.back();
      waiting.pop_back();
      if (added_[index]) continue;
      added_[index] = true;
      depths.push_back(depth);
      for (const std::size_t child : std::views::reverse(children_[index]))
        waiting.push_back({child, depth + 1});
      out.push_back(std::move(chosen_[index]));
    }
  }

  Inputs chosen_;
  std::map<std::string, std::size_t> index_;
  std::vector<std::vector<std::size_t>> children_;
  std::vector<std::size_t> roots_;
  std::vector<bool> added_;
};

/// What a person sees of a depth: indented as far as there is room for the id, and then in figures.
std::string branch(std::size_t depth) {
  if (depth == 0) return {};
  if (depth <= branch_depth_max) return std::string(2 * (depth - 1), ' ') + "└ ";
  return fmt::format("{}└ ({}) ", std::string(2 * (branch_depth_max - 1), ' '), depth);
}

/// Labels that no session has: of a key that none has the key, else the value.
void tell_unknown_labels(Context& context, Selector& selector, const Labels& asked) {
  const auto all = asked.empty() ? Result<Inputs>{} : selector.all();
  if (!all) return;
  for (const auto& [key, value] : asked) {
    std::vector<std::string> keys;
    std::vector<std::string> values;
    for (const auto& one : *all)
      for (const auto& [has, what] : one->session().labels) {
        keys.push_back(has);
        if (has == key) values.push_back(has + "=" + what);
      }
    if (std::ranges::find(values, key + "=" + value) != values.end()) continue;
    const std::string word = values.empty() ? key : key + "=" + value;
    const std::string hint = did_you_mean(word, values.empty() ? keys : values);
    context.note("no session has the label " + in_quotes(word) + (hint.empty() ? "" : "; " + hint));
  }
}

}  // namespace

namespace {

/// The places that are shown of so many, in order.
void choose_page(std::vector<std::size_t>& order, const SessionsCommand& options) {
  if (options.reverse) std::ranges::reverse(order);
  order.erase(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(
                                                 options.offset, order.size())));
  if (options.limit && *options.limit < order.size()) order.resize(*options.limit);
}

template <class T>
void reorder(std::vector<T>& all, const std::vector<std::size_t>& order) {
  if (all.empty()) return;
  std::vector<T> chosen;
  chosen.reserve(order.size());
  for (const std::size_t at : order) chosen.push_back(std::move(all[at]));
  all = std::move(chosen);
}

/// Sessions as they are listed, and what is told of each, as far as it is known.
class List {
 public:
  List(Context& context, const SessionsCommand& options, const SessionOrder& order, bool long_form)
      : context_{context}, options_{options}, order_{order} {
    if (long_form) selector_.sum_with(file_sums(context, no_groups_, Prices::standard(), false));
  }

  /// Errors: as Selector::page; invalid.
  Result<void> find(Labels labels) {
    FilterOptions activity;
    activity.since = options_.since;
    activity.until = options_.until;
    Where where;
    const auto filter = make_filter(activity, context_.zone, where);
    if (!filter) return std::unexpected{filter.error()};
    const bool whole = order_.given() || options_.reverse || options_.since || options_.until;
    auto found = selector_.page({.limit = whole ? std::nullopt : options_.limit,
                                 .offset = whole ? 0 : options_.offset,
                                 .labels = std::move(labels),
                                 .on_unreadable = context_.on_unreadable()});
    if (!found) return std::unexpected{found.error()};
    inputs = std::move(*found);
    std::erase_if(inputs, [&](const auto& one) {
      const Timestamp at = one->session().updated_at;
      return (filter->since && at < *filter->since) || (filter->until && at > *filter->until);
    });
    if (whole && !order_.needs_figures()) sort();
    return {};
  }

  /// What each of them came to. The exit status.
  int add_up() {
    const bool all = !options_.limit && options_.offset == 0 && options_.labels.empty() &&
                     !options_.since && !options_.until;
    int status = Status::fine;
    const auto told = [&](std::size_t i, const Result<ReadReport>& read) {
      if (read) return;
      const int refused = context_.refuse(with_advice(read.error(), *inputs[i]));
      if (status == Status::fine) status = refused;
    };
    const auto others = [this] { return selector_.all().value_or(Inputs{}); };
    SessionTotalsOptions how{
        .on_read = told, .up_to_damage = true, .settled = context_.known_files().settled_uses()};
    if (!all) how.others = others;
    for (auto& one : totals_of_sessions(pointers_to(inputs), how).of_inputs)
      totals.push_back(std::move(one.totals));
    if (order_.needs_figures()) sort();
    return status;
  }

  Selector& selector() { return selector_; }

  Inputs inputs;
  std::vector<std::optional<Totals>> totals;

 private:
  void sort() {
    std::vector<const Session*> sessions;
    std::vector<std::string> titles;
    for (const auto& one : inputs) sessions.push_back(&one->session());
    if (order_.needs_titles())
      for (const auto& one : inputs) titles.push_back(one->title());
    auto order = order_.of(sessions, titles, totals);
    choose_page(order, options_);
    reorder(inputs, order);
    reorder(totals, order);
  }

  Context& context_;
  const SessionsCommand& options_;
  const SessionOrder& order_;
  const Grouping no_groups_;
  Selector selector_{context_};
};

}  // namespace

int run(Context& context, const SessionsCommand& options) {
  auto labels = parse_labels(options.labels);
  if (!labels) return context.refuse(labels.error());
  const auto order = SessionOrder::parse(options.sort);
  if (!order) return context.refuse(order.error());
  if (options.tree && order->needs_figures())
    return context.refuse(Code::invalid, "--tree is not sorted by what sessions came to",
                          "leave out --tree or --sort");
  const bool long_form = options.long_form || order->needs_figures();
  List list{context, options, *order, long_form};
  if (auto found = list.find(*labels); !found) return context.refuse(found.error());
  std::vector<std::size_t> depths(list.inputs.size(), 0);
  if (options.tree) list.inputs = Tree{std::move(list.inputs)}.ordered(depths);
  const int status = long_form ? list.add_up() : Status::fine;
  depths.resize(list.inputs.size());
  std::vector<std::string> titles;
  if (!context.common.json || long_form)
    for (const auto& one : list.inputs) titles.push_back(one->title());
  std::vector<std::string> stores;
  for (const auto& one : list.inputs)
    if (!one->store_name().empty()) stores.push_back(one->store_name());
  std::vector<Session> sessions;
  for (const auto& one : list.inputs) sessions.push_back(one->take_session());
  // Events about the session itself are no part of what it came to.
  for (std::size_t i = 0; i < list.totals.size(); ++i)
    if (list.totals[i]) sessions[i].event_count = list.totals[i]->events;
  if (sessions.empty() && options.offset == 0 && options.limit != 0)
    tell_unknown_labels(context, list.selector(), *labels);
  if (context.common.json) {
    formats::write_sessions_json(context.out, sessions, titles, list.totals, stores);
    return context.finish(status);
  }
  std::vector<std::string> branches;
  for (const std::size_t depth : depths) branches.push_back(branch(depth));
  context.start_pager();
  formats::write_sessions_text(context.out, {sessions, titles, list.totals, branches},
                               context.screen());
  if (sessions.empty() && labels->empty() && !options.since && !options.until)
    context.note("there is no session here; `agentstore create` makes one");
  return context.finish(status);
}

}  // namespace agentstore::cmd
