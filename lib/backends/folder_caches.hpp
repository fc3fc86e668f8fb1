// What a data folder caches of its sessions, under one key: snapshots, and cached aggregates. All
// of it can be deleted at any time.

#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/result.hpp"
#include "agentstore/verification.hpp"
#include "backends/backend.hpp"
#include "backends/cached_aggregate_entry.hpp"
#include "backends/data_folder.hpp"
#include "backends/snapshot_files.hpp"
#include "backends/store_key.hpp"
#include "log/source.hpp"

namespace agentstore {

/// Thread-safe. `folder` outlives it. The members are those of Backend.
class FolderCaches {
 public:
  FolderCaches(const DataFolder& folder, const BackendOptions& options, const CacheLimits& limits)
      : folder_(folder),
        read_bytes_min_(limits.read_bytes_min),
        key_(options.cache_key, options.on_detail),
        snapshot_files_(folder, options.durability) {}

  const CacheKey* key(MissingKey missing) { return key_.find(missing); }

  Result<std::vector<std::uint64_t>> snapshots(std::string_view id, std::string_view projection);
  Result<std::optional<std::string>> snapshot(std::string_view id, std::string_view projection,
                                              std::uint64_t sequence_number);
  Result<std::optional<std::string>> published_snapshot(std::string_view id) const {
    return snapshot_files_.read_published(id);
  }

  /// Saves them under the session's lock, which the caller has. False: `folded` is not the log any
  /// more that is there, and nothing was saved.
  Result<bool> save(std::string_view id, log::ByteSource& folded,
                    std::span<const KeptSnapshot> snapshots, const CacheKey& key) const;
  Result<void> save_read(std::string_view id, log::ByteSource& folded,
                         const KeptSnapshot& snapshot);

  ~FolderCaches();

  std::optional<CachedAggregateEntry> cached_aggregate(std::string_view id, std::string_view name,
                                                       std::string_view version);
  void save_cached_aggregates(std::uint64_t log_bytes);
  /// What this process knows of them.
  void forget_cached_aggregates();

  std::vector<Finding> check_list(std::string_view id);
  std::vector<std::string> foreign(std::string_view id);

 private:
  const DataFolder& folder_;
  CachePack* aggregates();
  void save_aggregates();
  void sweep_aggregates();

  const std::uint64_t read_bytes_min_;
  StoreKey key_;
  const SnapshotFiles snapshot_files_;
  std::mutex aggregates_mutex_;
  std::optional<CachePack> aggregates_;        // under the mutex, until it is there
  std::atomic<std::uint64_t> read_bytes_ = 0;  // of logs, to find out what is not saved
  std::atomic<bool> swept_ = false;
  std::once_flag list_checked_;
};

}  // namespace agentstore
