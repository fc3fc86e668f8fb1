#include "cmd/input/views.hpp"

#include <algorithm>
#include <utility>

#include "agentstore/analysis/views.hpp"

namespace agentstore::cmd {
namespace {

/// Whether there is an event of the ledger: by the state, which may be in a snapshot, else by a
/// look at the types.
Result<bool> has_money(const History& history, const Ledger& ledger) {
  if (ledger.types.empty()) return false;
  if (history.fold) {
    const auto state = history.fold(make_session_projection, {});
    if (state) return has_ledger_events((*state)->to_json(), ledger);
    // What can be read of a damaged log says as much.
    if (state.error().code != Code::corrupt) return std::unexpected{state.error()};
  }
  Filter of_ledger;
  for (const auto& [type, rule] : ledger.types) of_ledger.types.push_back(type);
  const auto reader =
      history.read({.filter = std::move(of_ledger), .on_corrupt = OnCorrupt::prefix});
  if (!reader) return std::unexpected{reader.error()};
  const auto batch = (*reader)->next();
  if (!batch) return std::unexpected{batch.error()};
  return !batch->empty();
}

}  // namespace

Result<std::vector<std::string>> choose_views(const History& history, const Ledger& ledger,
                                              const std::optional<std::string>& projection) {
  if (projection) {
    if (auto known = projection_named(*projection); !known) return std::unexpected{known.error()};
    return std::vector{*projection};
  }
  const auto money = has_money(history, ledger);
  if (!money) return std::unexpected{money.error()};
  return overview_of(*money);
}

Result<std::vector<ProjectionFactory>> factories_of(const std::vector<std::string>& names,
                                                    const Ledger& ledger, const Labels& labels) {
  std::vector<ProjectionFactory> factories;
  for (const std::string& name : names) {
    auto factory = projection_named(name, ledger, labels);
    if (!factory) return std::unexpected{factory.error()};
    factories.push_back(std::move(*factory));
  }
  return factories;
}

}  // namespace agentstore::cmd
