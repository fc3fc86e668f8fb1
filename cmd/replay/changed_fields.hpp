// What an event changed of a session's state.

#pragma once

#include <string_view>

#include "agentstore/analysis/fields.hpp"

namespace agentstore::cmd {

/// Gives the fields that differ between two states, one at a time, without those that every event
/// changes: how many there were, and when the last one was.
void for_each_changed_state_field(std::string_view before, std::string_view after,
                                  const UseFieldPair& use);

}  // namespace agentstore::cmd
