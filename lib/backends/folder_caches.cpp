#include "backends/folder_caches.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include "backends/check_list.hpp"
#include "backends/derived_files.hpp"
#include "log/redaction.hpp"

namespace agentstore {

Result<std::vector<std::uint64_t>> FolderCaches::snapshots(std::string_view id,
                                                           std::string_view projection) {
  const CacheKey* const key = key_.find(MissingKey::refuse);
  if (key == nullptr) return std::vector<std::uint64_t>{};
  return snapshot_files_.numbers(id, projection, key->id());
}

Result<std::optional<std::string>> FolderCaches::snapshot(std::string_view id,
                                                          std::string_view projection,
                                                          std::uint64_t sequence_number) {
  const CacheKey* const key = key_.find(MissingKey::refuse);
  if (key == nullptr) return std::nullopt;
  return snapshot_files_.read(id, projection, sequence_number, key->id());
}

Result<bool> FolderCaches::save(std::string_view id, log::ByteSource& folded,
                                std::span<const KeptSnapshot> snapshots,
                                const CacheKey& key) const {
  const auto change = folded.refresh();
  if (!change) return std::unexpected(change.error());
  if (*change == log::ByteSource::Change::replaced || *change == log::ByteSource::Change::gone)
    return false;
  for (const KeptSnapshot& snapshot : snapshots) {
    if (auto done = snapshot_files_.save(id, snapshot, key.id()); !done)
      return std::unexpected(done.error());
  }
  return true;
}

// Under the lock, where there is one: a redaction then removes this, or has replaced the log that
// was folded. Where there is none, no writer was ever here, and what one does meanwhile is looked
// for afterwards.
Result<void> FolderCaches::save_read(std::string_view id, log::ByteSource& folded,
                                     const KeptSnapshot& snapshot) {
  System& system = folder_.system();
  const CacheKey* const key = folder_.marked() ? key_.find(MissingKey::make) : nullptr;
  if (key == nullptr) return {};
  const auto lock = open_file(system, folder_.lock_file(id), O_RDONLY);
  if (!lock && lock.error().code != Code::not_found) return std::unexpected(lock.error());
  if (lock && system.flock(lock->get(), LOCK_EX | LOCK_NB) < 0) return {};
  const auto may_stay = [&]() -> Result<bool> {
    const auto change = folded.refresh();
    if (!change) return std::unexpected(change.error());
    if (*change == log::ByteSource::Change::replaced) return false;
    const auto redaction = log::last_redactions(folded);
    if (!redaction) return std::unexpected(redaction.error());
    return redaction->empty();
  };
  auto same = may_stay();
  if (!same || !*same) return same ? Result<void>{} : std::unexpected(same.error());
  if (auto done = snapshot_files_.save(id, snapshot, key->id()); !done) return done;
  if (lock) return {};
  same = may_stay();
  return same && *same ? Result<void>{} : forget_derived(folder_, std::string{id});
}

std::optional<CachedAggregateFile> FolderCaches::cached_aggregate(std::string_view id,
                                                                  std::string_view name,
                                                                  std::string_view version,
                                                                  bool however_short) {
  const CacheKey* const key =
      is_file_name(id) && folder_.marked() ? key_.find(MissingKey::make) : nullptr;
  if (key == nullptr) return std::nullopt;
  std::optional<CachedAggregateFile> cached_aggregate{std::in_place, folder_, *key,        id,
                                                      name,          version, cache_swept_};
  if (!however_short && cached_aggregate->log_bytes() < cached_log_bytes_min_)
    cached_aggregate.reset();
  return cached_aggregate;
}

std::vector<Finding> FolderCaches::check_list(std::string_view id) {
  const CacheKey* const key = key_.find(MissingKey::refuse);
  if (key == nullptr) return {};
  std::vector<Finding> findings = check_list_of(folder_, *key, id);
  std::call_once(list_checked_, [&] {
    for (Finding& finding : agentstore::check_list(folder_, *key))
      findings.push_back(std::move(finding));
  });
  return findings;
}

std::vector<std::string> FolderCaches::foreign(std::string_view id) {
  const CacheKey* const key = key_.find(MissingKey::refuse);
  return foreign_caches(folder_, key == nullptr ? "" : key->id(), id);
}

}  // namespace agentstore
