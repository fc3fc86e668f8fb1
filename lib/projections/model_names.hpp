// What providers, routers and agents add to the name of a model.

#pragma once

#include <span>
#include <string>
#include <string_view>

namespace agentstore {

/// The name without one thing that was added, or as it is: first a prefix, then, from the end,
/// "[1m]", "-v1:0" (or "-v1"), "@20250929" (or "@default", "@latest"), "-latest", "-20250929" or
/// "-2025-09-29".
std::string_view without_addition(std::string_view model, std::span<const std::string> prefixes);

}  // namespace agentstore
