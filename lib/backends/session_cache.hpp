// <data>/cache/sessions.KEY: what the session files of a large store say, so that a list has to ask
// the file system which of them changed, and read those alone. It may be deleted at any time, is
// never synced, and is used only where its MAC by our key is right. KEY is the id of the key.

#pragma once

#include <cstdint>
#include <optional>

#include "backends/session_records.hpp"
#include "base/cache_key.hpp"
#include "base/file.hpp"

namespace agentstore {

struct SessionCache {
  Stamp sessions_folder;  ///< of the folders when their names were read; not known: read again
  Stamp events_folder;
  SessionRecords sessions;
};

/// Nothing where there is none that can be used.
std::optional<SessionCache> load_session_cache(System& system, const Path& path,
                                               const CacheKey& key);

/// Takes the place of the one that is there. Stamps that are too young to be told from those of a
/// later change are left out; `begun` is when the first of them was taken.
/// Errors: io: the old one, if any, stands.
Result<void> save_session_cache(System& system, const Path& path, SessionCache cache,
                                Timestamp begun, mode_t file_mode, const CacheKey& key);

}  // namespace agentstore
