// The nearest of some words: what somebody may have meant.

#pragma once

#include <span>
#include <string>
#include <string_view>

namespace agentstore {

/// The shortest candidate that begins with `word`, else the one that is the fewest changes away, or
/// empty where none is near.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

/// The same of the fields of an event or a state, which people first call by other names: "cost" is
/// cost_total_usd before it is cost_usd.
std::string nearest_field_name(std::string_view word, std::span<const std::string> candidates);

}  // namespace agentstore
