// What is new in a store in PostgreSQL, by position.

#pragma once

#include <memory>
#include <string>

#include "agentstore/internal/feed.hpp"

namespace agentstore {

/// Errors: as Store::open; unsupported, on a standby, where nobody can tell which positions are
/// still to come.
Result<std::unique_ptr<FeedSource>> open_postgres_feed(const std::string& store_name);

}  // namespace agentstore
