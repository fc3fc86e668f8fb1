// The events of several inputs in one order of time.

#pragma once

#include <memory>

#include "agentstore/reader.hpp"
#include "cmd/input/input.hpp"

namespace agentstore::cmd {

/// In order of time, session id, sequence number; those of a session stay in their own order. Reads
/// the inputs first, with `side_by_side` on all cores: then the predicate of the filter is asked by
/// several threads. Memory: 32 MiB and the longest event, the rest is in a temporary file. Errors:
/// those of reading; io.
Result<std::unique_ptr<EventReader>> gather_events(const Inputs& inputs, const ReadOptions& options,
                                                   bool side_by_side = false);

}  // namespace agentstore::cmd
