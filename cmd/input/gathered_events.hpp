// The events of several inputs in one order of time.

#pragma once

#include <memory>

#include "agentstore/reader.hpp"
#include "cmd/input/input.hpp"

namespace agentstore::cmd {

/// In order of time, session id, sequence number; those of a session stay in their own order. Holds
/// all of them in memory. Errors: those of reading.
Result<std::unique_ptr<EventReader>> gather_events(const Inputs& inputs,
                                                   const ReadOptions& options);

}  // namespace agentstore::cmd
