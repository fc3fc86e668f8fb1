// What an event changed of a session's state.

#pragma once

#include <string_view>
#include <vector>

#include "agentstore/fields.hpp"

namespace agentstore::cmd {

/// The fields that differ between two states. Without those that every event changes: how many
/// there were, and when the last one was. The views live as long as the states.
std::vector<FieldPair> changed_fields(std::string_view before, std::string_view after);

}  // namespace agentstore::cmd
