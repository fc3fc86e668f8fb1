// What a feed is read from: a store, what is new in it, and where its reader stopped.

#pragma once

#include <memory>

#include "agentstore/internal/feed.hpp"
#include "cmd/context.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/options.hpp"
#include "cmd/replay/feed_cursor.hpp"

namespace agentstore::cmd {

struct FeedInput {
  Store* store;  ///< lives as long as the selector
  std::unique_ptr<FeedSource> source;
  FeedCursor cursor;  ///< kept nowhere, where none is named
};

/// Errors: as Store::open and FeedCursor::open; invalid, where there are several stores, or labels
/// choose among sessions.
Result<FeedInput> open_feed(Context& context, Selector& selector, const ReplayCommand& options,
                            FeedCursor::Use use);

}  // namespace agentstore::cmd
