#include "cmd/totals/sub_agents.hpp"

#include <array>
#include <utility>

#include "agentstore/json.hpp"

namespace agentstore::cmd {
namespace {

/// The event as a response, so that its tokens count.
Result<void> add_as_response(Totals& totals, EventView event, const std::string& metadata,
                             const Prices& prices) {
  event.type = llm_response;
  event.metadata = metadata;
  event.payload = "{}";
  Totals one;
  if (auto added = one.add(event, usage_of(event), prices); !added) return added;
  // It is not an event of the agent's own log.
  one.events = 0;
  one.by_type.clear();
  return totals.merge(one);
}

}  // namespace

Result<void> SubAgents::see(const EventView& event, const Usage& usage, const Prices& prices) {
  const std::string_view extra = usage.extra;
  // Most events tell of no sub-agent: they are not walked. (An escape may hide its name.)
  if (!extra.contains("sub_agent") && !extra.contains('\\')) return {};
  const auto agent = json::find_text(extra, "sub_agent");
  if (!agent) return {};
  if (event.type != tool_result) {
    if (usage.tokens_in || usage.tokens_out) ++events_;
    return add_as_response(of_progress_[*agent], event, std::string{event.metadata}, prices);
  }
  // The text is the log's: whatever is not a number must not get into the JSON here.
  const auto number = [&](const char* key) {
    return std::to_string(json::integer_of(json::find_text(extra, key).value_or("0")).value_or(0));
  };
  return add_as_response(of_results_[*agent], event,
                         R"({"tokens_in":)" + number("sub_agent_tokens_in") + R"(,"tokens_out":)" +
                             number("sub_agent_tokens_out") + "}",
                         prices);
}

Result<void> SubAgents::add_session(const std::string& agent_id, const Totals& totals) {
  return of_sessions_[agent_id].merge(totals);
}

Result<void> SubAgents::merge(const SubAgents& other) {
  constexpr std::array told{&SubAgents::of_sessions_, &SubAgents::of_progress_,
                            &SubAgents::of_results_};
  SubAgents changed = other;
  for (const auto agents : told)
    if (auto merged = merge_known(changed.*agents, this->*agents); !merged) return merged;
  for (const auto agents : told) take_changed(this->*agents, std::move(changed.*agents));
  known_.insert(other.known_.begin(), other.known_.end());
  events_ += other.events_;
  return {};
}

bool SubAgents::empty() const {
  return of_sessions_.empty() && of_progress_.empty() && of_results_.empty();
}

Result<std::optional<formats::SubAgents>> SubAgents::sum() const {
  formats::SubAgents sum;
  std::set<std::string> counted = known_;
  for (const auto* const agents : {&of_sessions_, &of_progress_, &of_results_})
    for (const auto& [agent, totals] : *agents) {
      if (!counted.insert(agent).second) continue;
      ++sum.agents;
      if (auto merged = sum.totals.merge(totals); !merged) return std::unexpected{merged.error()};
    }
  if (sum.agents == 0) return std::nullopt;
  return sum;
}

}  // namespace agentstore::cmd
