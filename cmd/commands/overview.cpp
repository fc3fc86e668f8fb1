// `agentstore` alone: what is here, or else how to begin.

#include "formats/answers/overview.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "agentstore/analysis/kinds.hpp"
#include "cmd/commands.hpp"
#include "cmd/help.hpp"
#include "cmd/input/known_files.hpp"
#include "cmd/input/places.hpp"
#include "cmd/input/retention.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/totals/file_sums.hpp"
#include "cmd/totals/totals.hpp"
#include "formats/text/clock.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/session_text.hpp"
#include "formats/text/units.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::int64_t day_s = std::int64_t{24} * 3600;
constexpr int week_days = 7;

/// What other tools have left on this machine, and the commands to look at it.
std::string transcripts_hint() {
  std::string text;
  for (const std::string& store : transcript_folders_here())
    text += "     agentstore stats --store " + formats::printable(store) + "\n";
  return text.empty() ? text : "\nTranscripts found here; nothing is imported or written:\n" + text;
}

int show_help() {
  std::fputs((one_screen() + transcripts_hint()).c_str(), stderr);
  return Status::usage;
}

/// What agents did today and in the last seven days.
class Activity {
 public:
  explicit Activity(Context& context)
      : grouping_{.by = {"agent", "day"}, .zone = context.zone},
        adder_{grouping_},
        sum_{file_sums(context, grouping_, Prices::standard(), true)} {
    const formats::Clock clock = context.zone.clock();
    const std::int64_t now_s = clock.shown_s(now());
    today_ = formats::date_of(now_s);
    adder_.keep_settled(context.known_files().settled_uses());
    for (int day = 0; day < week_days; ++day) week_.insert(formats::date_of(now_s - day * day_s));
  }

  /// Of the files that are summed up when they are listed.
  const SumFile& sum() const { return sum_; }
  /// As far as it can be read.
  void add(const Input& input) {
    if (is_superseded(input.session())) return;
    const Labels labels = input.labels();
    if (const auto agent = labels.find("agent_id"); agent != labels.end())
      adder_.agent_is_known(agent->second);
    Sums own;
    const auto report =
        input.read_parts({.on_corrupt = OnCorrupt::prefix, .seals = Seals::short_logs},
                         adder_.parts(labels), adder_.needs());
    if (!report || !adder_.add_to(own, View::all)) return;
    std::map<std::string, bool> agents;  // and whether they were at work today
    for (const auto& [key, group] : own.groups)
      if (key[1] && week_.contains(*key[1]))
        agents[key[0].value_or("")] = agents[key[0].value_or("")] || *key[1] == today_;
    for (const auto& [agent, today] : agents) {
      ++of(agent).sessions_week;
      if (today) ++of(agent).sessions_today;
    }
    if (auto both = sums_.with(own)) sums_.take(std::move(*both));
  }

  void settle(formats::OverviewAnswer& answer) {
    if (!adder_.settle(sums_, View::all)) return;
    answer.totals = sums_.totals;
    for (const auto& [key, group] : sums_.groups) {
      if (!key[1] || !week_.contains(*key[1])) continue;
      formats::AgentActivity& one = of(key[0].value_or(""));
      (void)one.week.merge(group.totals);
      if (*key[1] == today_) (void)one.today.merge(group.totals);
    }
    for (auto& [agent, one] : agents_) answer.agents.push_back(std::move(one));
  }

 private:
  formats::AgentActivity& of(const std::string& agent) {
    return agents_.try_emplace(agent, formats::AgentActivity{.agent = agent}).first->second;
  }

  const Grouping grouping_;
  Adder adder_;
  const SumFile sum_;
  std::string today_;
  std::set<std::string> week_;
  Sums sums_;
  std::map<std::string, formats::AgentActivity> agents_;
};

/// What an event says of how a run ended; empty: nothing.
std::string ending_at(const EventView& event) {
  switch (kind_of_type(event.type)) {
    case EventKind::message: return "ended at a prompt, without an answer";
    case EventKind::answer: return "ended with an answer";
    case EventKind::request: return "ended in a request to the model";
    case EventKind::call: return "ended in a call of a tool";
    case EventKind::result:
      return is_tool_error(event) ? "ended with a failed call" : "ended with a result of a tool";
    case EventKind::error: return "ended with an error";
    case EventKind::state:
      return event.type == "task_completed" || event.type == "session_ended" ? "ended" : "";
    default: return {};
  }
}

struct Ending {
  std::string text = {};             ///< empty: nothing tells
  std::optional<Timestamp> at = {};  ///< of the last event that is not about the session itself
};

/// How a run ended, as its last events tell; of a long transcript, which would have to be read
/// whole, nothing.
Ending ending_of(const Input& input) {
  constexpr std::uint64_t transcript_bytes_max = std::uint64_t{16} << 20;
  ReadOptions options{.on_corrupt = OnCorrupt::prefix, .seals = Seals::short_logs};
  if (input.of_store()) options.filter.newest = 32;
  else if (stamp_of_file(input.path()).size_bytes > transcript_bytes_max) return {};
  const auto reader = input.read(std::move(options));
  Ending ending;
  if (reader)
    static_cast<void>(for_each_event(**reader, [&](const EventView& event) {
      if (!is_of_session_alone(event.type)) ending.at = event.timestamp;
      if (std::string told = ending_at(event); !told.empty()) ending.text = std::move(told);
    }));
  return ending;
}

/// `only_transcripts`: of which the list tells the newest; of a store its log does.
std::string newest_text(Context& context, Selector& selector, const Inputs& all,
                        bool only_transcripts) {
  const auto chosen = only_transcripts ? Result<std::unique_ptr<Input>>{} : selector.choose("@");
  if (!chosen) return {};
  const auto last =
      std::ranges::max_element(all, {}, [](const auto& one) { return one->session().updated_at; });
  const Input* const newest = only_transcripts ? last->get() : chosen->get();
  const formats::Clock clock = context.zone.clock();
  const Session& session = newest->session();
  const Ending ending = ending_of(*newest);
  return fmt::format("{} · {} · {} {}{}", session.id,
                     formats::shown_name(session.name, newest->title()),
                     formats::time_text(ending.at.value_or(session.updated_at), clock), clock.zone,
                     ending.text.empty() ? "" : " · " + ending.text);
}

/// Which of the transcripts go soon, by when their files changed.
void add_retention(Context& context, const Inputs& all, formats::OverviewAnswer& answer) {
  for (const std::string& store : transcript_folders_here()) {
    constexpr std::string_view scheme = "claude:";
    if (!store.starts_with(scheme)) continue;
    const std::string folder = store.substr(scheme.size());
    const auto retention = retention_of_claude(folder);
    if (!retention) continue;
    formats::Retention one{.agent = "Claude Code", .days = retention->days, .first_day = {}};
    const std::int64_t now_s = now().seconds;
    std::int64_t first_s = 0;
    std::uint64_t found = 0;
    for (const auto& input : all) {
      if (!input->path().starts_with(folder + "/")) continue;
      ++found;
      const std::int64_t changed_s = stamp_of_file(input->path()).modified_ns / 1'000'000'000;
      const std::int64_t goes_s = changed_s + static_cast<std::int64_t>(retention->days) * day_s;
      if (goes_s >= now_s + week_days * day_s) continue;
      if (one.sessions_soon++ == 0 || goes_s < first_s) first_s = goes_s;
    }
    if (found == 0) continue;
    if (one.sessions_soon > 0)
      one.first_day = formats::date_text({std::max(first_s, now_s), 0}, context.zone.clock());
    answer.retention.push_back(std::move(one));
  }
}

void add_stores(Context& context, const std::vector<std::string>& stores,
                formats::OverviewAnswer& answer) {
  for (const std::string& store : stores) {
    const auto verified = context.known_files().last_verification(store);
    formats::Verified one{.store = store};
    if (verified) {
      one.age_ms = std::max<std::int64_t>(milliseconds_between(verified->at, now()), 0);
      one.sessions = verified->sessions;
      one.with_findings = verified->with_findings;
    }
    answer.stores.push_back(std::move(one));
  }
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " and ") + name;
  return text;
}

}  // namespace

int run(Context& context, const OverviewCommand& options) {
  static_cast<void>(options);  // there are none
  Activity activity{context};
  Selector selector{context};
  selector.sum_with(activity.sum());
  auto all = selector.all();
  const bool chosen = context.common.stores != std::vector<std::string>{"all"};
  if (!all && !chosen && all.error().code == Code::not_found) return show_help();
  if (!all) return context.refuse(all.error());
  if (all->empty()) return show_help();
  selector.count_once(*all);
  formats::OverviewAnswer answer;
  std::vector<std::string> stores;
  std::vector<std::string> names;
  Places places{context};
  if (const auto here = places.chosen())
    for (const Place* const place : *here) {
      names.push_back(place->name);
      if (!place->transcripts) stores.push_back(place->name);
    }
  answer.places = listed(names);
  answer.sessions = all->size();
  for (const auto& one : *all) activity.add(*one);
  activity.settle(answer);
  answer.newest = newest_text(context, selector, *all, stores.empty());
  add_retention(context, *all, answer);
  add_stores(context, stores, answer);
  formats::write_overview_text(context.out, answer, context.screen());
  return context.finish(Status::fine);
}

}  // namespace agentstore::cmd
