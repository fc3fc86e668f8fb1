#include "backends/folder_caches.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include "backends/check_list.hpp"
#include "backends/derived_files.hpp"
#include "base/cache_file.hpp"
#include "log/redaction.hpp"

namespace agentstore {
namespace {

constexpr std::uint64_t aggregates_bytes_max = std::uint64_t{256} << 20;

}  // namespace

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

FolderCaches::~FolderCaches() {
  constexpr std::uint64_t share = 16;
  if (read_bytes_ > 0 && read_bytes_ >= read_bytes_min_ / share) save_aggregates();
}

CachePack* FolderCaches::aggregates() {
  const CacheKey* const key = folder_.marked() ? key_.find(MissingKey::make) : nullptr;
  if (key == nullptr) return nullptr;
  const std::lock_guard guard{aggregates_mutex_};
  if (!aggregates_)
    aggregates_.emplace(folder_.system(),
                        CachePack::Options{.file = folder_.cache() / ("aggregates." + key->id()),
                                           .mode = folder_.file_mode(),
                                           .kind = "aggregates",
                                           .bytes_max = aggregates_bytes_max},
                        *key);
  return &*aggregates_;
}

std::optional<CachedAggregateEntry> FolderCaches::cached_aggregate(std::string_view id,
                                                                   std::string_view name,
                                                                   std::string_view version) {
  CachePack* const pack = is_file_name(id) ? aggregates() : nullptr;
  if (pack == nullptr) return std::nullopt;
  return CachedAggregateEntry{folder_, *pack, id, name, version};
}

void FolderCaches::save_cached_aggregates(std::uint64_t log_bytes) {
  read_bytes_ += log_bytes;
  if (read_bytes_ >= read_bytes_min_) save_aggregates();
}

// Of sessions whose logs are gone nothing is kept.
void FolderCaches::save_aggregates() {
  CachePack* const pack = aggregates();
  if (pack == nullptr || pack->unsaved() == 0) return;
  if (!make_cache_folder(folder_.system(), folder_.cache(), folder_.folder_mode())) return;
  pack->save([&](std::string_view key) {
    struct stat status{};
    const Path log = folder_.log_file(CachedAggregateEntry::session_of(key));
    return folder_.system().lstat(log.c_str(), status) == 0;
  });
  read_bytes_ = 0;
  sweep_aggregates();
}

// Those of keys that nobody has used for long, and what a writer left that died.
void FolderCaches::sweep_aggregates() {
  if (swept_.exchange(true)) return;
  System& system = folder_.system();
  const auto names = list_folder(system, folder_.cache());
  const CacheKey* const key = key_.find(MissingKey::refuse);
  if (!names || key == nullptr) return;
  for (const std::string& name : *names) {
    const Path path = folder_.cache() / name;
    const bool others =
        split_keyed_name(name).name == "aggregates" && split_keyed_name(name).key_id != key->id();
    if (name.starts_with(".aggregates.") && name.ends_with(".tmp")) sweep_cache_temp(system, path);
    else if (others && is_long_unused(system, path)) system.unlink(path.c_str());
  }
}

void FolderCaches::forget_cached_aggregates() {
  const std::lock_guard guard{aggregates_mutex_};
  if (aggregates_) aggregates_->forget();
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
