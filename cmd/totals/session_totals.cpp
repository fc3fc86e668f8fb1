#include "cmd/totals/session_totals.hpp"

#include "agentstore/analysis/prices.hpp"
#include "cmd/totals/totals.hpp"

namespace agentstore::cmd {
namespace {

using ById = std::map<std::string, Totals, std::less<>>;

/// Adds what an input came to; nothing where it cannot be read to its end.
Result<ReadReport> add(const Input& input, Adder& adder, ById& totals) {
  Sums sums;
  auto report = input.read_parts({.seals = Seals::short_logs}, adder.parts(), adder.needs());
  if (!report) return report;
  if (const auto added = adder.add_to(sums, View::all); !added)
    return std::unexpected{added.error()};
  const std::string id = input.session().id.empty() ? adder.main_session() : input.session().id;
  totals.insert_or_assign(id, std::move(sums.totals));
  const Labels labels = input.labels();
  if (const auto agent = labels.find("agent_id"); agent != labels.end())
    adder.agent_is_known(agent->second);
  return report;
}

}  // namespace

ById totals_of_sessions(std::span<const Input* const> inputs, const OnRead& on_read) {
  ById totals;
  const Grouping none;
  Adder adder{none};
  for (std::size_t i = 0; i < inputs.size(); ++i) on_read(i, add(*inputs[i], adder, totals));
  // Of a file of several sessions, each in place of the sum of all.
  for (const auto& [id, own] : adder.sessions_of_files()) totals.insert_or_assign(id, own);
  const auto settled = adder.settle_uses([&](const CountedUse& use) -> Result<void> {
    const auto found = totals.find(use.session_id);
    if (!use.agent.empty() || found == totals.end()) return {};
    if (!found->second.merge(use.totals)) totals.erase(found);
    return {};
  });
  if (!settled) totals.clear();
  return totals;
}

}  // namespace agentstore::cmd
