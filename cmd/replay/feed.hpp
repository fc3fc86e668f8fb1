// A feed: the events of every session of a store, each once it is durable, from where a cursor says
// that its reader stopped.

#pragma once

#include "cmd/context.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/options.hpp"
#include "cmd/replay/printer.hpp"

namespace agentstore::cmd {

/// Whether the options ask for one, or how far it is behind.
bool is_feed(const ReplayCommand& options);
/// Errors: invalid, where flags of a feed stand without it, or others with it.
Result<void> check_feed(const ReplayCommand& options, bool json);

/// Prints what is new, and with --follow what is yet to come.
int feed(Context& context, Selector& selector, const ReplayCommand& options, ReadOptions read,
         Printer& printer);
/// Says how far the cursor is behind.
int feed_lag(Context& context, Selector& selector, const ReplayCommand& options);

}  // namespace agentstore::cmd
