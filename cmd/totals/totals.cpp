#include "cmd/totals/totals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/internal/by_text.hpp"
#include "agentstore/json.hpp"
#include "cmd/dates.hpp"
#include "cmd/version.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t redacted_results_max = 100;

std::optional<std::string> model_of(const EventView& event) {
  auto model = json::find_text(event.metadata, "model");
  return model && model->empty() ? std::nullopt : model;
}

std::string day_of(const EventView& event, const Zone& zone) {
  const std::int64_t at_s = event.timestamp.seconds;
  return date_of(at_s + zone.offset_s(at_s));
}

Sums::Key key_of(const EventView& event, const Grouping& grouping) {
  Sums::Key key;
  for (const std::string& word : grouping.by) {
    if (word == "type") key.emplace_back(event.type);
    else if (word == "tool") key.push_back(tool_name_of(event));
    else if (word == "model") key.push_back(model_of(event));
    else if (word == "day") key.emplace_back(day_of(event, grouping.zone));
    else key.emplace_back(event.session_id);
  }
  return key;
}

bool is_by_type(const Grouping& grouping) {
  return grouping.by == std::vector<std::string>{"type"};
}

/// Whether sums by type are all that is asked for.
bool types_suffice(const Grouping& grouping) {
  return grouping.by.empty() || is_by_type(grouping);
}

/// "a1" of the session "agent-a1.PARENT" of a file; else the session itself.
std::string agent_of(const std::string& session_id) {
  if (!session_id.starts_with("agent-")) return session_id;
  return session_id.substr(6, session_id.find('.') - 6);
}

}  // namespace

Result<Sums> Sums::with(const Sums& other) const {
  Sums changed{totals, other.groups};
  if (auto merged = changed.totals.merge(other.totals); !merged)
    return std::unexpected{merged.error()};
  if (auto merged = merge_known(changed.groups, groups); !merged)
    return std::unexpected{merged.error()};
  return changed;
}

void Sums::take(Sums changed) {
  totals = std::move(changed.totals);
  take_changed(groups, std::move(changed.groups));
}

/// What some events of a session come to. Most logs hold a few types: their sums, found without a
/// key, are the whole's.
class Adder::SessionPart : public Part {
 public:
  explicit SessionPart(Adder& adder)
      : adder_{adder}, types_alone_{types_suffice(adder.grouping_)} {}

  void restart() override {
    main_id = adder_.main_id();
    types.clear();
    groups.clear();
    others.clear();
    sub_agents = {};
    responses.clear();
    copies = 0;
    redacted.clear();
  }

  Result<void> take(std::span<const EventView> events) override {
    if (main_id.empty()) main_id = events.front().session_id;
    for (const EventView& event : events)
      if (auto added = add(event); !added) return added;
    return {};
  }

  std::string main_id;
  ByText<Totals> types;
  std::map<Sums::Key, Totals> groups;
  std::map<std::string, Totals, std::less<>> others;
  SubAgents sub_agents;
  std::vector<std::uint64_t> responses;  // told of here
  std::uint64_t copies = 0;
  std::vector<std::string> redacted;  // results of tools

 private:
  Result<void> add(const EventView& event) {
    if (is_of_session_alone(event.type)) return {};
    if (event.session_id != main_id) return add_of_other(event);
    const Usage usage = usage_of(event);
    if (auto seen = sub_agents.see(event, usage, adder_.prices_); !seen) return seen;
    if (event.redacted_by != 0 && kind_of_type(event.type) == EventKind::result &&
        !is_tool_error(event))
      redacted.push_back(fmt::format("session {}, #{}: tool_errors: the result is redacted",
                                     main_id, event.sequence_number));
    if (!adder_.copied_.is_copy(event, usage.extra, responses)) return add_own(event, usage);
    ++copies;
    EventView counted = event;
    counted.metadata = "{}";
    Usage told_elsewhere;
    told_elsewhere.told_elsewhere = true;
    return add_own(counted, told_elsewhere);
  }

  Result<void> add_of_other(const EventView& event) {
    return others[std::string{event.session_id}].add(event, usage_of(event), adder_.prices_);
  }

  Result<void> add_own(const EventView& event, const Usage& usage) {
    if (auto added = types[event.type].add(event, usage, adder_.prices_); !added) return added;
    if (types_alone_) return {};
    return groups[key_of(event, adder_.grouping_)].add(event, usage, adder_.prices_);
  }

  Adder& adder_;
  const bool types_alone_;
};

std::string Adder::main_id() {
  const std::lock_guard guard{lock_};
  return main_id_;
}

Parts Adder::parts() {
  main_id_.clear();
  types_.clear();
  groups_.clear();
  others_.clear();
  sub_agents_ = {};
  responses_.clear();
  copies_ = 0;
  redacted_here_.clear();
  joined_ = {};
  return {.make = [this] { return std::make_unique<SessionPart>(*this); },
          .join = [this](Part& part) { return join(dynamic_cast<SessionPart&>(part)); },
          .depth = Depth::envelope,
          .cached_aggregate = types_suffice(grouping_) ? cached_aggregate() : CachedAggregate{}};
}

formats::Made Adder::needs() const {
  const bool by_tool = std::ranges::find(grouping_.by, "tool") != grouping_.by.end();
  return by_tool ? formats::Made::whole : formats::Made::figures;
}

Joined Adder::join(SessionPart& part) {
  {
    const std::lock_guard guard{lock_};
    if (main_id_.empty()) main_id_ = part.main_id;
  }
  for (const auto& [type, totals] : part.types)
    if (joined_) joined_ = types_[type].merge(totals);
  for (const auto& [key, totals] : part.groups)
    if (joined_) joined_ = groups_[key].merge(totals);
  for (const auto& [id, totals] : part.others)
    if (joined_) joined_ = others_[id].merge(totals);
  if (joined_) joined_ = sub_agents_.merge(part.sub_agents);
  responses_.insert(responses_.end(), part.responses.begin(), part.responses.end());
  copies_ += part.copies;
  redacted_here_.insert(redacted_here_.end(), part.redacted.begin(), part.redacted.end());
  return joined_ ? Joined::taken : Joined::enough;
}

// Without responses that other sessions may tell of, too, and without sub-agents, the sums by type
// are the log's alone.
CachedAggregate Adder::cached_aggregate() {
  return {.name = "stats",
          .version =
              std::to_string(totals_version) + " " + version_text() + " " + prices_.fingerprint(),
          .take =
              [this](std::string_view text) {
                auto types = totals_from_bytes(text);
                if (types) types_ = std::move(*types);
                return types.has_value();
              },
          .give = [this]() -> std::optional<std::string> {
            const bool alone = others_.empty() && sub_agents_.empty() && responses_.empty() &&
                               copies_ == 0 && redacted_here_.empty();
            if (!joined_ || !alone) return std::nullopt;
            return to_bytes(types_);
          }};
}

void Adder::end_session() {
  const bool told =
      std::ranges::any_of(types_, [](const auto& type) { return type.second.usage_records > 0; });
  for (auto& [type, totals] : types_) totals.end_session(told);
  for (auto& [key, totals] : groups_) totals.end_session(told);
  for (auto& [id, totals] : others_) totals.end_session(totals.usage_records > 0);
}

Result<void> Adder::add_to(Sums& sums, SubAgents& sub_agents) {
  if (!joined_) return joined_;
  end_session();
  for (const auto& [id, totals] : others_)
    if (auto added = sub_agents_.add_session(agent_of(id), totals); !added) return added;
  Sums own;
  for (const auto& [type, totals] : types_) {
    if (auto merged = own.totals.merge(totals); !merged) return merged;
    if (is_by_type(grouping_)) own.groups[{type}] = totals;
  }
  if (!types_suffice(grouping_)) own.groups = std::move(groups_);
  auto changed = sums.with(own);
  if (!changed) return std::unexpected{changed.error()};
  if (auto merged = sub_agents.merge(sub_agents_); !merged) return merged;
  sums.take(std::move(*changed));
  copied_.remember(responses_, main_id_);
  copied_events_ += copies_;
  for (std::string& one : redacted_here_)
    if (redacted_results_.size() < redacted_results_max)
      redacted_results_.push_back(std::move(one));
  return {};
}

}  // namespace agentstore::cmd
