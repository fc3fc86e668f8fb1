#include "projections/run_totals.hpp"

#include <algorithm>
#include <array>

#include "agentstore/json.hpp"

namespace agentstore {
namespace {

constexpr std::array figures{
    &ResponseUse::tokens_in,
    &ResponseUse::tokens_out,
    &ResponseUse::tokens_cache_read,
    &ResponseUse::tokens_cache_write,
    &ResponseUse::tokens_cache_write_1h,
    &ResponseUse::tokens_reasoning,
};

void add(ResponseUse& sum, const ResponseUse& more) {
  for (const auto figure : figures) {
    std::int64_t total = 0;
    if (more.*figure && !__builtin_add_overflow((sum.*figure).value_or(0), *(more.*figure), &total))
      sum.*figure = total;
  }
}

/// A run calls a model by what its context is called, too: opus[1m].
std::string name_of(std::string_view model) {
  if (json::kind_of(model) != json::Kind::string) return {};
  const std::string name = json::text_of(model);
  return name.substr(0, name.find('['));
}

}  // namespace

std::string_view family_of(std::string_view session_id) {
  const std::size_t point = session_id.find('.');
  const bool of_agent = session_id.starts_with("agent-") || session_id.starts_with("sidechain.");
  return of_agent && point != session_id.npos ? session_id.substr(point + 1) : session_id;
}

void RunTotals::add_total(std::string_view session_id, std::string_view model,
                          const ResponseUse& use) {
  Balance& balance = balances_[{std::string{family_of(session_id)}, name_of(model)}];
  add(balance.total, use);
  balance.priced = balance.priced && use.cost_usd.has_value();
}

void RunTotals::add_response(std::string_view session_id, std::string_view model,
                             const ResponseUse& use) {
  const std::string family{family_of(session_id)};
  for (const std::string& name : {name_of(model), std::string{}}) {
    const auto found = balances_.find({family, name});
    if (found == balances_.end()) continue;
    add(found->second.told, use);
    add(found->second.left, use);
    return;
  }
}

const RunTotals::Balance* RunTotals::find(std::string_view session_id,
                                          std::string_view model) const {
  const std::string family{family_of(session_id)};
  for (const std::string& name : {name_of(model), std::string{}})
    if (const auto found = balances_.find({family, name}); found != balances_.end())
      return &found->second;
  return nullptr;
}

bool RunTotals::has_all(const Balance& balance) {
  return balance.told.tokens_in.value_or(0) <= balance.total.tokens_in.value_or(0) &&
         balance.told.tokens_out.value_or(0) <= balance.total.tokens_out.value_or(0);
}

bool RunTotals::covers(std::string_view session_id, std::string_view model) const {
  const Balance* const balance = find(session_id, model);
  return balance != nullptr && balance->priced && has_all(*balance);
}

ResponseUse RunTotals::rest_of(std::string_view session_id, std::string_view model,
                               const ResponseUse& use) {
  const auto found = balances_.find({std::string{family_of(session_id)}, name_of(model)});
  if (found == balances_.end() || !found->second.told.has_tokens()) return use;
  ResponseUse rest = use;
  // What the responses cost beside the total's part is not known from it.
  if (!found->second.priced || !has_all(found->second)) rest.cost_usd.reset();
  for (const auto figure : figures) {
    auto& left = found->second.left.*figure;
    if (!left || !(rest.*figure)) continue;
    const std::int64_t told = std::min(*left, *(rest.*figure));
    *(rest.*figure) -= told;
    *left -= told;
  }
  const auto is_zero = [&](auto figure) { return (rest.*figure).value_or(0) == 0; };
  if (!std::ranges::all_of(figures, is_zero)) return rest;
  ResponseUse nothing;
  nothing.cost_usd = rest.cost_usd;
  return nothing;
}

}  // namespace agentstore
