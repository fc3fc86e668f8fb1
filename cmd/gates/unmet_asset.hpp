// Assets that a condition asks about and no event moves: it says nothing of the session then.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace agentstore::cmd {

/// The assets in the state of a fold of `balance`, alone or joined with others; nothing where that
/// projection was not folded.
std::optional<std::vector<std::string>> folded_assets(std::string_view state);

/// Why a condition with these names has nothing to say, where `assets` are all that events move:
/// "no event moves "X"; did you mean "Y"?", or that there is no event of the ledger. Empty
/// where it has. `of_asset`: the asset that `balance` is of, where one was chosen.
std::string why_unmet(std::span<const std::string> names, std::span<const std::string> assets,
                      const std::optional<std::string>& of_asset = std::nullopt);

}  // namespace agentstore::cmd
