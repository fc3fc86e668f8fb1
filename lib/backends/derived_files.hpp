// What is derived from a session's log, and may hold any of its payloads: snapshots, folds, cached
// aggregates, and what writers that died left half-written of these or of the log itself.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "backends/data_folder.hpp"

namespace agentstore {

/// Deletes it all, durably, even where it was deleted before: whoever did may have died before its
/// sync. Files that have none of our names stay, and `own_temp`, which the caller is at work on.
/// Errors: io; so a link in the place of a folder.
Result<void> forget_derived(const DataFolder& folder, const std::string& session_id,
                            const Path& own_temp = {});

/// Deletes what was kept of a session's log, whatever the key, with that of the others. Durable,
/// even where it was deleted before: whoever did may have died before its sync. Errors: io.
Result<void> forget_cached_aggregates(const DataFolder& folder, std::string_view session_id);

/// Whether a session's name is the beginning of a message in one of the payloads, as imports once
/// named sessions: its first line, cut where it is long. No for a session without a name.
bool is_title_of(std::string_view name, std::span<const std::string_view> payloads);
/// What is told where such a name was taken away.
std::string title_is_gone(std::string_view session_id);

}  // namespace agentstore
