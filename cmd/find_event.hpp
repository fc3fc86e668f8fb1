// Events, as people name them: a sequence number, or an event id ("id:…" where that looks like a
// number).

#pragma once

#include <cstdint>
#include <string_view>

#include "agentstore/whatif.hpp"

namespace agentstore::cmd {

/// The sequence number of an event that is named; a number is taken as it is. Errors: not_found.
Result<std::uint64_t> find_event(const History& history, std::string_view word);

}  // namespace agentstore::cmd
