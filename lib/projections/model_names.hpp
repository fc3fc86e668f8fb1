// What providers, routers and agents add to the name of a model.

#pragma once

#include <span>
#include <string>
#include <string_view>

namespace agentstore {

/// The name without one of the prefixes, or as it is.
std::string_view without_prefix(std::string_view model, std::span<const std::string> prefixes);

/// The name without one of the endings "[1m]", "-v1:0" (or "-v1"), "@20250929" (or "@default",
/// "@latest"), "-latest", "-20250929" and "-2025-09-29", or as it is.
std::string_view without_ending(std::string_view model);

}  // namespace agentstore
