// The sessions of a data folder, read with as few calls as can be.
//
// 1. The names: from the cache, where the stamps of the folders are those that it has; else read.
// 2. Each session file is asked for its stamp. One that is not the cache's is read and parsed.
// 3. Rows are chosen. Of these alone, counts come from the logs: the log's end is read, unless its
//    stamp is the cache's.
// 4. The cache is written anew where the next list would gain by it.
// Two threads or more share steps 1 to 3. Whatever the cache says, the list is what it would be
// without: a stamp that a change could have left as it is, is not kept (Stamp::settled).

#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "agentstore/cache_key.hpp"
#include "agentstore/result.hpp"
#include "agentstore/session.hpp"
#include "backends/data_folder.hpp"
#include "base/cache_key.hpp"

namespace agentstore {

struct ListSource {
  const DataFolder& folder;
  /// No cache is written for fewer sessions than this.
  std::size_t cached_from;
  /// The key of the cache; gives null where nothing is cached.
  std::function<const CacheKey*(MissingKey)> key;
  /// Reads a session whose file is missing or cannot be used.
  std::function<Result<Session>(const std::string& id)> read;
  std::function<void(const std::string&)> notice;
};

/// As Store::sessions.
Result<std::vector<Session>> list_sessions(const ListSource& source, const ListOptions& options);

}  // namespace agentstore
