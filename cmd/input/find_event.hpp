// Events, as people name them: a sequence number, or an event id ("id:…" where that looks like a
// number).

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "agentstore/analysis/whatif.hpp"
#include "cmd/input/event_spill.hpp"

namespace agentstore::cmd {

/// The sequence number of an event that is named; a number is taken as it is. Errors: not_found;
/// conflict, where several events have that id.
Result<std::uint64_t> find_event(const History& history, std::string_view word);

/// The event of that number; nothing, where it is not there. Errors: those of reading.
Result<std::optional<OwnedEvent>> read_event(const History& history, std::uint64_t sequence_number,
                                             OnCorrupt on_corrupt);

}  // namespace agentstore::cmd
