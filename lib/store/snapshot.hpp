// Snapshots: the state of a projection, saved at one event so that a fold can start there.
// They are a cache of the log: deleting every one of them loses time, never data. One is used only
// if its MAC is by our key and the log has, at its place, the event that it names. All of them are
// folded from lines whose seals were checked; they say so, should others ever be kept.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"
#include "store/fold.hpp"

namespace agentstore {

/// The snapshot of a fold that has come to a place between two writes.
std::string snapshot_text(std::string_view session_id, const Fold& fold, Timestamp created_at,
                          const CacheKey& key);

/// What a snapshot says; views into its text.
struct SnapshotView {
  std::uint64_t version = 0;  ///< the event that it was taken after
  std::string_view state;
  std::string_view log_head;  ///< with its quotes
  std::uint64_t offset_bytes = 0;
  Timestamp max_timestamp = zero_time;
  bool monotonic = false;
  std::string_view projection;  ///< with its quotes
  std::int64_t projection_version = 0;
  bool seals_checked = false;
};

/// Nothing where the text is not a snapshot of the session that was signed by this key, to the last
/// bit. Reads it twice, once for its MAC.
std::optional<SnapshotView> open_snapshot(std::string_view text, std::string_view session_id,
                                          const CacheKey& key);

/// The id of the key that a snapshot says it was signed by; empty where it names none.
std::string key_id_of(std::string_view snapshot);

/// Whether all its events count at `point`.
bool is_within(const SnapshotView& snapshot, const Point& point);

/// Fills `fold`, which is empty, where the log has the snapshot's event. Errors: io.
Result<bool> restore(const SnapshotView& snapshot, log::ByteSource& source,
                     const std::string& session_id, Fold& fold);

}  // namespace agentstore
