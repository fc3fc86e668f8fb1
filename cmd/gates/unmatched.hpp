// What was asked for, and nothing has: a mistyped type, a range beyond the end.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "agentstore/filter.hpp"
#include "cmd/gates/gate.hpp"
#include "cmd/input/input.hpp"

namespace agentstore::cmd {

/// Tells the gate which of the filter's types no event of the sessions has, with the nearest that
/// one has, and where its range lies beyond their ends. `matched`: the types of events that passed,
/// where they are known; with none, and one pattern, nothing passed. Reads the sessions once more
/// where that is in doubt. A type of the vocabulary is none that is mistyped.
void tell_unmatched(Gate& gate, Context& context, std::span<const Input* const> sessions,
                    const Filter& filter, std::span<const std::string> matched);

/// Whether the sessions have an event that would pass without the types that the filter asks for.
bool any_event_of_another_type(std::span<const Input* const> sessions, Filter filter);

/// "did you mean "NEAR"?"; empty where nothing is near.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& known);

}  // namespace agentstore::cmd
