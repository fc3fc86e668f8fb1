// <data>/cache/NAME/ID.KEY: a cached aggregate of what the log of session ID came to, so that the
// same bytes need not be read again.
//
// 1. The log's stamp is taken; the cached aggregate is loaded. It counts where it is of that stamp,
// and of that
//    session, name and version, and ours: all of this goes into its MAC. KEY is the id of the key.
// 2. If not, the log is read, and the cached aggregate saved; but not where the stamp moved on
// meanwhile, or is
//    too young to be told from that of a later change (Stamp::settled).
// So whatever happens to a log, and whatever stands in the cache, a cached aggregate is never seen
// in an answer.

#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "backends/data_folder.hpp"
#include "base/cache_key.hpp"
#include "base/stamp.hpp"

namespace agentstore {

class CachedAggregateFile {
 public:
  /// Looks at the log as it is now. `name` names a folder; what a cached aggregate of another
  /// `version` says does not count. `swept`: whether leftovers were removed since the store was
  /// opened. `folder` and `key` have to outlive it.
  CachedAggregateFile(const DataFolder& folder, const CacheKey& key, std::string_view session_id,
                      std::string_view name, std::string_view version, std::once_flag& swept);

  /// 0: there is none.
  std::uint64_t log_bytes() const { return log_stamp_.size_bytes; }
  const Path& log() const { return log_; }

  /// Nothing where there is none that counts.
  std::optional<std::string> load() const;
  /// What is wrong with the file, if it bears our key's name and is none that we wrote.
  std::optional<std::string> fault() const;
  /// After the log was read. What goes wrong costs time later, and nothing else.
  void save(std::string_view text) const;

 private:
  Hash mac_of(std::uint64_t version, const Stamp& log, std::string_view text) const;
  bool make_folders() const;
  void sweep() const;

  const DataFolder& folder_;
  const CacheKey& key_;
  const std::string session_id_;
  const std::string kind_;
  const std::uint64_t version_;
  const Path path_;
  const Path log_;
  Timestamp begun_;
  Stamp log_stamp_;
  std::once_flag& swept_;
};

/// Deletes a session's cached aggregates, whatever their keys. Durable, even where they were
/// deleted before: whoever did may have died before its sync. Errors: io.
Result<void> forget_cached_aggregates(const DataFolder& folder, std::string_view session_id);

}  // namespace agentstore
