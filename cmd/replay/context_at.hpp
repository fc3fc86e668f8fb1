// What a model had seen at an event: show --context.

#pragma once

#include <cstdint>

#include "agentstore/analysis/whatif.hpp"
#include "cmd/replay/shown_events.hpp"
#include "formats/answers/context.hpp"

namespace agentstore::cmd {

/// The context at an event that is there. Errors: those of reading.
Result<formats::ContextBuilder> context_at(const History& history, std::uint64_t sequence_number,
                                           OnCorrupt on_corrupt);

}  // namespace agentstore::cmd
