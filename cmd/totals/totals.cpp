#include "cmd/totals/totals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "agentstore/analysis/kinds.hpp"
#include "agentstore/internal/by_text.hpp"
#include "agentstore/internal/totals_bytes.hpp"
#include "agentstore/json.hpp"
#include "cmd/version.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t redacted_results_max = 100;
constexpr std::size_t models_max = 20;  // of a group
/// Raised whenever the same events would give other bytes of an input's sums.
constexpr int sums_version = 3;

bool is_by_type(const Grouping& grouping) {
  return grouping.by == std::vector<std::string>{"type"};
}

/// Whether sums by type are all that is asked for.
bool types_suffice(const Grouping& grouping) {
  return grouping.by.empty() || is_by_type(grouping);
}

/// Adds to each of the sums what those of `known` under the same key came to. Errors: overflow.
Result<void> merge_known(std::map<Sums::Key, GroupSums>& sums,
                         const std::map<Sums::Key, GroupSums>& known) {
  for (auto& [key, group] : sums) {
    const auto found = known.find(key);
    if (found == known.end()) continue;
    if (auto merged = group.merge(found->second); !merged) return merged;
  }
  return {};
}

/// "a1" of the session "agent-a1.PARENT" of a file, "PARENT" of "sidechain.PARENT"; nothing where
/// it is no sub-agent's.
std::optional<std::string> agent_of(const std::string& session_id) {
  if (session_id.starts_with("sidechain.")) return session_id;
  const std::size_t point = session_id.find('.');
  if (!session_id.starts_with("agent-") || point == session_id.npos) return std::nullopt;
  return session_id.substr(6, point - 6);
}

/// `model` is a JSON token. A log can name any number of them.
void add_model(std::set<std::string>& models, std::string_view model) {
  if (model.empty() || models.size() >= models_max) return;
  std::string name = json::text_of(model);
  if (!name.empty()) models.insert(std::move(name));
}

}  // namespace

void list_fields(auto& way, Any<GroupSums> auto& sums) {
  way.fields(sums.totals, sums.in_sessions.sessions, sums.in_sessions.duration_ms,
             sums.in_sessions.tool_durations, sums.in_sessions.models);
}

void list_fields(auto& way, Any<SessionSums> auto& sums) {
  way.fields(sums.types, sums.groups);
}

Result<void> GroupSums::merge(const GroupSums& other) {
  formats::InSessions& in = in_sessions;
  in.sessions += other.in_sessions.sessions;
  if (const auto more = other.in_sessions.duration_ms)
    in.duration_ms = in.duration_ms.value_or(0) + *more;
  in.tool_durations.merge(other.in_sessions.tool_durations);
  in.models.insert(other.in_sessions.models.begin(), other.in_sessions.models.end());
  return totals.merge(other.totals);
}

void GroupSums::end_session() {
  in_sessions.sessions = 1;
  in_sessions.duration_ms = totals.duration_ms();
}

Result<Sums> Sums::with(const Sums& other) const {
  Sums changed{static_cast<const GroupSums&>(*this), other.groups};
  if (auto merged = changed.merge(other); !merged) return std::unexpected{merged.error()};
  if (auto merged = merge_known(changed.groups, groups); !merged)
    return std::unexpected{merged.error()};
  return changed;
}

void Sums::take(Sums changed) {
  static_cast<GroupSums&>(*this) = std::move(static_cast<GroupSums&>(changed));
  for (auto& [key, sum] : changed.groups) groups.insert_or_assign(key, std::move(sum));
}

Result<void> SessionSums::merge(const SessionSums& other) {
  for (const auto& [type, totals] : other.types)
    if (auto merged = types[type].merge(totals); !merged) return merged;
  for (const auto& [key, group] : other.groups)
    if (auto merged = groups[key].merge(group); !merged) return merged;
  return {};
}

void SessionSums::end_session() {
  const bool told =
      std::ranges::any_of(types, [](const auto& type) { return type.second.usage_records > 0; });
  for (auto& [type, totals] : types) totals.end_session(told);
  for (auto& [key, group] : groups) group.totals.end_session(told);
}

/// What some events of an input come to. Most logs hold a few types: their sums, found without a
/// key, are the whole's.
class Adder::SessionPart : public Part {
 public:
  explicit SessionPart(Adder& adder)
      : responses{adder.keeps_records_},
        adder_{adder},
        types_alone_{types_suffice(adder.grouping_)} {}

  void restart() override {
    main_id = adder_.main_id();
    types.clear();
    groups.clear();
    others.clear();
    responses = Responses{adder_.keeps_records_};
    redacted.clear();
  }

  Result<void> take(std::span<const EventView> events) override {
    if (main_id.empty()) main_id = events.front().session_id;
    for (const EventView& event : events)
      if (auto added = add(event); !added) return added;
    return {};
  }

  std::string main_id;
  ByText<Totals> types;  // of the main session
  std::map<Sums::Key, GroupSums> groups;
  std::map<std::string, SessionSums, std::less<>> others;
  Responses responses;
  std::vector<std::string> redacted;  // results of tools

 private:
  Result<void> add(const EventView& event) {
    if (is_of_session_alone(event.type)) return {};
    Usage usage = usage_of(event);
    responses.see(event);
    if (auto telling = telling_of(event, usage)) {
      usage.identified = !telling->summary;
      // What a call repeats of its response's figures is only of use where all is explained.
      if (is_llm_event(event.type) || !telling->agent.empty() || adder_.keeps_records_)
        responses.take(std::move(*telling), event, usage, group_of(event));
    } else {
      responses.see_running_total(event, usage);
    }
    if (event.redacted_by != 0 && kind_of_type(event.type) == EventKind::result &&
        !is_tool_error(event))
      redacted.push_back(fmt::format("session {}, #{}: tool_errors: the result is redacted",
                                     event.session_id, event.sequence_number));
    if (event.session_id != main_id) return add_of_other(event, usage);
    if (auto added = types[event.type].add(event, usage, adder_.prices_); !added) return added;
    if (types_alone_) return {};
    return add_to_group(groups, event, usage);
  }

  Result<void> add_to_group(std::map<Sums::Key, GroupSums>& into, const EventView& event,
                            const Usage& usage) {
    GroupSums& group = into[group_of(event)];
    if (adder_.by_tool_)
      if (const auto duration_ms = duration_of(event))
        group.in_sessions.tool_durations.add(*duration_ms);
    add_model(group.in_sessions.models, usage.model);
    return group.totals.add(event, usage, adder_.prices_);
  }

  Result<void> add_of_other(const EventView& event, const Usage& usage) {
    SessionSums& sums = others[std::string{event.session_id}];
    if (auto added = sums.types[std::string{event.type}].add(event, usage, adder_.prices_); !added)
      return added;
    if (types_alone_) return {};
    return add_to_group(sums.groups, event, usage);
  }

  Sums::Key group_of(const EventView& event) const {
    return group_key(event, adder_.grouping_, adder_.labels_);
  }

  Adder& adder_;
  const bool types_alone_;
};

std::string Adder::main_id() {
  const std::lock_guard guard{lock_};
  return main_id_;
}

void Adder::end_input() {
  main_id_.clear();
  main_ = {};
  others_.clear();
  responses_here_ = Responses{keeps_records_};
  known_responses_here_.reset();
  redacted_here_.clear();
  joined_ = {};
}

Parts Adder::parts(Labels labels) {
  end_input();
  labels_ = std::move(labels);
  return {.make = [this] { return std::make_unique<SessionPart>(*this); },
          .join = [this](Part& part) { return join(dynamic_cast<SessionPart&>(part)); },
          .depth = Depth::envelope,
          .cached_aggregate = cached_aggregate()};
}

formats::Made Adder::needs() const {
  return needs_payloads(grouping_) ? formats::Made::whole : formats::Made::figures;
}

Joined Adder::join(SessionPart& part) {
  {
    const std::lock_guard guard{lock_};
    if (main_id_.empty()) main_id_ = part.main_id;
  }
  for (const auto& [type, totals] : part.types)
    if (joined_) joined_ = main_.types[type].merge(totals);
  for (const auto& [key, group] : part.groups)
    if (joined_) joined_ = main_.groups[key].merge(group);
  for (const auto& [id, sums] : part.others)
    if (joined_) joined_ = others_[id].merge(sums);
  responses_here_.merge(std::move(part.responses));
  redacted_here_.insert(redacted_here_.end(), part.redacted.begin(), part.redacted.end());
  return joined_ ? Joined::taken : Joined::enough;
}

// What is grouped by what payloads say would hold a part of them.
CachedAggregate Adder::cached_aggregate() {
  if (keeps_records_ || groups_by(grouping_, "file") || groups_by(grouping_, "command")) return {};
  return {.name = "stats",
          .version = fmt::format("{} {} {} {} {}", totals_version, sums_version, version_text(),
                                 prices_.fingerprint(), fingerprint_of(grouping_, labels_)),
          .take = [this](std::string_view text) { return take(text); },
          .give = [this] { return give(); }};
}

std::optional<std::string> Adder::give() {
  if (!joined_) return std::nullopt;
  ResponseBlock responses = take_responses_here();
  std::set<std::string, std::less<>> agents;
  if (const auto agent = labels_.find("agent_id"); agent != labels_.end())
    agents.insert(agent->second);
  for (const auto& [id, sums] : others_)
    if (const auto agent = agent_of(id)) agents.insert(*agent);
  responses.sum_up(agents, prices_);
  std::string text;
  ByteWriter{text}.fields(main_id_, main_, others_, redacted_here_,
                          responses.empty() ? std::string{} : responses.to_bytes());
  known_responses_here_ = std::move(responses);
  return text;
}

bool Adder::take(std::string_view text) {
  end_input();
  std::string_view responses;
  ByteReader reader{text};
  reader.fields(main_id_, main_, others_, redacted_here_, responses);
  if (!responses.empty()) known_responses_here_ = ResponseBlock::from_bytes(responses);
  const bool sound = reader.at_end() && (responses.empty() || known_responses_here_);
  if (!sound) end_input();
  return sound;
}

ResponseBlock Adder::take_responses_here() {
  Responses here = std::exchange(responses_here_, Responses{keeps_records_});
  auto known = std::exchange(known_responses_here_, std::nullopt);
  if (!known) return ResponseBlock{std::move(here)};
  if (here.nothing_seen()) return std::move(*known);
  Responses all = known->take_responses();
  all.merge(std::move(here));
  return ResponseBlock{std::move(all)};
}

// Sub-agents may have been first.
void Adder::choose_main() {
  const auto other = std::ranges::find_if(
      others_, [](const auto& one) { return !agent_of(one.first).has_value(); });
  if (main_id_.empty() || !agent_of(main_id_) || other == others_.end()) return;
  SessionSums main = std::exchange(other->second, {});
  const std::string main_id = other->first;
  others_.erase(other);
  others_[main_id_] = std::exchange(main_, std::move(main));
  main_id_ = main_id;
}

Result<void> Adder::add_session(Sums& sums, const std::string& id, SessionSums session) {
  session.end_session();
  Sums own;
  for (const auto& [type, totals] : session.types) {
    if (auto merged = own.totals.merge(totals); !merged) return merged;
    if (is_by_type(grouping_)) own.groups[{type}].totals = totals;
  }
  if (!types_suffice(grouping_)) own.groups = std::move(session.groups);
  for (auto& [key, group] : own.groups) {
    own.in_sessions.tool_durations.merge(group.in_sessions.tool_durations);
    group.end_session();
  }
  own.end_session();
  auto changed = sums.with(own);
  if (!changed) return std::unexpected{changed.error()};
  sums.take(std::move(*changed));
  if (several_) sessions_of_files_[id] = std::move(own.totals);
  return {};
}

Result<void> Adder::set_apart(const std::string& session_id, const std::string& agent_id,
                              SessionSums session) {
  session.end_session();
  Totals sum = apart_;
  for (const auto& [type, totals] : session.types)
    if (auto merged = sum.merge(totals); !merged) return merged;
  apart_ = std::move(sum);
  agents_.insert(agent_id);
  agent_of_session_[session_id] = agent_id;
  responses_.agent_is_known(agent_id);
  return {};
}

Result<std::size_t> Adder::add_to(Sums& sums, View view) {
  if (!joined_) return std::unexpected{joined_.error()};
  choose_main();
  main_session_ = main_id_;
  several_ = several_ || std::ranges::any_of(others_, [](const auto& one) {
               return !agent_of(one.first).has_value();
             });
  const bool apart = view == View::session && !several_;
  std::size_t sessions = 1;
  Sums own;
  if (auto added = add_session(own, main_id_, std::move(main_)); !added)
    return std::unexpected{added.error()};
  for (auto& [id, session] : others_) {
    const auto agent = agent_of(id);
    if (agent) responses_.agent_is_known(*agent);
    auto added = apart && agent ? set_apart(id, *agent, std::move(session))
                                : add_session(own, id, std::move(session));
    if (!added) return std::unexpected{added.error()};
    if (!apart) ++sessions;
  }
  auto changed = sums.with(own);
  if (!changed) return std::unexpected{changed.error()};
  sums.take(std::move(*changed));
  responses_.add(take_responses_here());
  for (std::string& one : redacted_here_)
    if (redacted_results_.size() < redacted_results_max)
      redacted_results_.push_back(std::move(one));
  end_input();
  return sessions;
}

Result<void> Adder::add_apart(const std::string& agent_id) {
  if (!joined_) return joined_;
  SessionSums all = std::move(main_);
  for (const auto& [id, session] : others_)
    if (auto merged = all.merge(session); !merged) return merged;
  for (const auto& [id, session] : others_) agent_of_session_[id] = agent_id;
  if (auto set = set_apart(main_id_, agent_id, std::move(all)); !set) return set;
  responses_.add(take_responses_here());
  end_input();
  return {};
}

Result<UncountedUse> Adder::settle(Sums& sums, View view) {
  const bool apart = view == View::session && !several_;
  return responses_.settle([&](const CountedUse& use) -> Result<void> {
    const auto set_apart = agent_of_session_.find(use.session_id);
    const bool of_session_apart = apart && set_apart != agent_of_session_.end();
    if (of_session_apart || !use.agent.empty()) {
      agents_.insert(of_session_apart ? set_apart->second : use.agent);
      return apart_.merge(use.totals);
    }
    if (auto added = sums.totals.merge(use.totals); !added) return added;
    if (const auto own = sessions_of_files_.find(use.session_id); own != sessions_of_files_.end())
      if (auto added = own->second.merge(use.totals); !added) return added;
    if (grouping_.by.empty()) return {};
    return sums.groups[use.group].totals.merge(use.totals);
  });
}

std::optional<formats::SubAgents> Adder::sub_agents() const {
  if (agents_.empty()) return std::nullopt;
  return formats::SubAgents{.agents = agents_.size(), .totals = apart_};
}

}  // namespace agentstore::cmd
