// Where a data folder has its snapshots:
//
//   folds/ID/PROJECTION/NUMBER.KEY.json   what our folds start at; KEY is the id of a cache key, so
//                                         that two users do not throw each other's away
//   snapshots/ID.json                     the newest one of `session`, for the Go library alone

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/append.hpp"
#include "backends/backend.hpp"
#include "backends/data_folder.hpp"
#include "base/cache_key.hpp"

namespace agentstore {

/// The file of a snapshot that `name` is, or is a temporary file of; empty: of none.
std::string snapshot_named(std::string_view name);

class SnapshotFiles {
 public:
  /// `folder` has to outlive it.
  SnapshotFiles(const DataFolder& folder, Durability durability)
      : folder_(folder), durability_(durability) {}

  /// Those of one key, ascending. Errors: io.
  Result<std::vector<std::uint64_t>> numbers(std::string_view id, std::string_view projection,
                                             std::string_view key_id) const;
  /// Nothing where it is gone. Errors: io.
  Result<std::optional<std::string>> read(std::string_view id, std::string_view projection,
                                          std::uint64_t number, std::string_view key_id) const;
  /// The one that the Go library reads.
  Result<std::optional<std::string>> read_published(std::string_view id) const;
  /// Under the session's lock. Removes what is outdated, and what other keys left long ago.
  Result<void> save(std::string_view id, const KeptSnapshot& snapshot,
                    std::string_view key_id) const;

 private:
  System& system() const { return folder_.system(); }
  Path path(std::string_view id, std::string_view projection, std::uint64_t number,
            std::string_view key_id) const;
  Result<void> publish(std::string_view id, const std::string& text) const;
  void sweep(const Path& folder, std::string_view key_id) const;

  const DataFolder& folder_;
  const Durability durability_;
};

}  // namespace agentstore
