#include "cmd/gates/unmet_asset.hpp"

#include <algorithm>

#include "agentstore/analysis/views.hpp"
#include "agentstore/internal/nearest.hpp"
#include "agentstore/json.hpp"
#include "cmd/context.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::string_view of_one = "by_asset_";

std::string no_event_moves(const std::string& asset, std::span<const std::string> assets) {
  const std::string near = nearest(asset, assets);
  return "no event moves " + in_quotes(asset) +
         (near.empty() ? near : "; did you mean " + in_quotes(near) + "?");
}

}  // namespace

std::optional<std::vector<std::string>> folded_assets(std::string_view state) {
  if (!json::find(state, "by_asset")) return std::nullopt;
  return assets_in(state);
}

std::string why_unmet(std::span<const std::string> names, std::span<const std::string> assets,
                      const std::optional<std::string>& of_asset) {
  const auto met = [&](const std::string& asset) {
    return std::ranges::find(assets, asset) != assets.end();
  };
  for (const std::string& name : names) {
    if (name == "balance" && of_asset) {
      if (!met(*of_asset)) return no_event_moves(*of_asset, assets);
    } else if (name == "balance" && assets.empty()) {
      return "there is no event of the ledger";
    } else if (name.starts_with(of_one)) {
      const std::string asset = name.substr(of_one.size());
      if (!met(asset)) return no_event_moves(asset, assets);
    }
  }
  return {};
}

}  // namespace agentstore::cmd
