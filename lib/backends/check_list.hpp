// The kept list of a large store, held to the session files and the logs.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agentstore/verification.hpp"
#include "backends/data_folder.hpp"
#include "base/cache_key.hpp"

namespace agentstore {

/// What is wrong with the list as such: a wrong MAC under our key's name, sessions that are not
/// there. Nothing where there is no list of this key.
std::vector<Finding> check_list(const DataFolder& folder, const CacheKey& key);

/// What the list says of a session that a reader would take from it, and that is not so.
std::vector<Finding> check_list_of(const DataFolder& folder, const CacheKey& key,
                                   std::string_view session_id);

/// Caches of the session, or of the whole store, that are not of this key, a line a kind: they are
/// never used.
std::vector<std::string> foreign_caches(const DataFolder& folder, std::string_view key_id,
                                        std::string_view session_id);

}  // namespace agentstore
