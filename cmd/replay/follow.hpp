// Following: the events of a session, and then those that are yet to come.

#pragma once

#include "cmd/context.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/options.hpp"
#include "cmd/replay/printer.hpp"

namespace agentstore::cmd {

/// Prints until it is interrupted, or nobody reads any more; both are a good end.
int follow(Context& context, const Input& input, const ReplayCommand& options,
           ReadOptions read_options, Printer& printer);

}  // namespace agentstore::cmd
