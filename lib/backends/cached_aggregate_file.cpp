#include "backends/cached_aggregate_file.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "backends/cache_file.hpp"
#include "base/checksum.hpp"

namespace agentstore {
namespace {

// Longer ones are of logs that no cached aggregate makes answers fast for.
constexpr std::size_t cached_aggregate_bytes_max = std::size_t{1} << 20;

// The file: a header, and the text.
struct Header {
  char name[24] = "agentstore memo 2\n";
  Hash mac{};  // of all that follows, and of whose it is
  std::uint64_t version = 0;
  Stamp log;
};
// Of every version.
constexpr std::string_view cached_aggregate_start = "agentstore memo ";

bool is_cached_aggregate(std::string_view bytes) {
  return bytes.size() >= sizeof(Header) &&
         std::memcmp(bytes.data(), Header{}.name, sizeof Header{}.name) == 0;
}

// The id of the session whose cached aggregate has that name.
std::string_view session_of(std::string_view name) {
  return split_keyed_name(name).name;
}

// A temporary file of a cached aggregate, which its writer may not have got far with.
bool is_begun(std::string_view name, std::string_view bytes) {
  const std::size_t size = std::min(bytes.size(), sizeof Header{}.name);
  return name.starts_with('.') && name.ends_with(".tmp") &&
         std::memcmp(bytes.data(), Header{}.name, size) == 0;
}

Stamp stamp_at(System& system, const Path& path) {
  struct stat status{};
  return system.lstat(path.c_str(), status) == 0 ? stamp_of(status) : Stamp{};
}

// Errors: io; so where it is a link.
Result<bool> is_folder(System& system, const Path& path) {
  const auto status = status_of(system, path);
  if (!status) return std::unexpected(status.error());
  if (*status && S_ISLNK((*status)->mode)) return system_error("list", path, ELOOP);
  return *status && S_ISDIR((*status)->mode);
}

}  // namespace

CachedAggregateFile::CachedAggregateFile(const DataFolder& folder, const CacheKey& key,
                                         std::string_view session_id, std::string_view name,
                                         std::string_view version, std::once_flag& swept)
    : folder_(folder),
      key_(key),
      session_id_(session_id),
      kind_("memo/" + std::string{name}),
      version_(checksum(version)),
      path_(folder.cache() / name / (session_id_ + '.' + key.id())),
      log_(folder.log_file(session_id)),
      begun_(folder.system().clock()),
      log_stamp_(stamp_at(folder.system(), log_)),
      swept_(swept) {}

Hash CachedAggregateFile::mac_of(std::uint64_t version, const Stamp& log,
                                 std::string_view text) const {
  return key_.mac(session_id_, kind_, {bytes_of(&version), bytes_of(&log), text});
}

std::optional<std::string> CachedAggregateFile::fault() const {
  const auto bytes = read_file(folder_.system(), path_, cached_aggregate_bytes_max);
  if (!bytes && bytes.error().code == Code::not_found) return std::nullopt;
  if (!bytes) return bytes.error().message;
  if (!is_cached_aggregate(*bytes)) return path_.string() + " does not hold a cached aggregate";
  Header header;
  std::memcpy(&header, bytes->data(), sizeof header);
  const std::string_view text = std::string_view{*bytes}.substr(sizeof header);
  if (header.mac == mac_of(header.version, header.log, text)) return std::nullopt;
  return path_.string() + " was altered or forged: it bears our key's name, and a wrong MAC";
}

std::optional<std::string> CachedAggregateFile::load() const {
  if (!log_stamp_.known()) return std::nullopt;
  auto bytes = read_file(folder_.system(), path_, cached_aggregate_bytes_max);
  if (!bytes || !is_cached_aggregate(*bytes)) return std::nullopt;
  Header header;
  std::memcpy(&header, bytes->data(), sizeof header);
  bytes->erase(0, sizeof header);
  if (header.log != log_stamp_ || header.version != version_ ||
      header.mac != mac_of(version_, log_stamp_, *bytes))
    return std::nullopt;
  return std::move(*bytes);
}

void CachedAggregateFile::save(std::string_view text) const {
  System& system = folder_.system();
  if (!log_stamp_.known() || text.size() > cached_aggregate_bytes_max - sizeof(Header)) return;
  if (!folder_.marked() || !make_folders()) return;
  std::call_once(swept_, [&] { sweep(); });
  Header header;
  header.mac = mac_of(version_, log_stamp_, text);
  header.version = version_;
  header.log = log_stamp_;
  (void)save_cache_file(system, path_, folder_.file_mode(), begun_,
                        [&](std::int64_t begun_ns) -> std::vector<std::string_view> {
                          const bool same = stamp_at(system, log_) == log_stamp_;
                          if (!same || !log_stamp_.settled(begun_ns)) return {};
                          return {bytes_of(&header), text};
                        });
}

bool CachedAggregateFile::make_folders() const {
  return make_cache_folder(folder_.system(), folder_.cache(), folder_.folder_mode()) &&
         make_cache_folder(folder_.system(), path_.parent_path(), folder_.folder_mode());
}

// Cached aggregates of sessions that are gone, those of other keys and of older versions that
// nobody used for long, and what was left half-written. Only what is known to be a cached aggregate
// is deleted.
void CachedAggregateFile::sweep() const {
  System& system = folder_.system();
  const auto names = list_folder(system, path_.parent_path());
  if (!names) return;
  for (const std::string& name : *names) {
    const Path path = path_.parent_path() / name;
    const auto log = status_of(system, folder_.log_file(session_of(name)));
    const bool ours = split_keyed_name(name).key_id == key_.id();
    if (!log || (*log && (ours || !is_long_unused(system, path)))) continue;
    const auto bytes = read_file(system, path, cached_aggregate_bytes_max);
    if (bytes && (bytes->starts_with(cached_aggregate_start) || is_begun(name, *bytes)))
      sweep_cache_temp(system, path);
  }
}

namespace {

Result<void> forget_cached_aggregates_in(System& system, const Path& cached_aggregates,
                                         std::string_view session_id) {
  const auto names = list_folder(system, cached_aggregates);
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    // One without a key was written by an older version.
    if (session_of(name) != session_id && name != session_id) continue;
    const Path path = cached_aggregates / name;
    const int error = system.unlink(path.c_str());
    if (error < 0 && error != -ENOENT) return system_error("delete", path, -error);
  }
  return {};
}

}  // namespace

Result<void> forget_cached_aggregates(const DataFolder& folder, std::string_view session_id) {
  System& system = folder.system();
  const auto cached = is_folder(system, folder.cache());
  if (!cached) return std::unexpected(cached.error());
  if (!*cached) return {};
  const auto names = list_folder(system, folder.cache());
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    const Path cached_aggregates = folder.cache() / name;
    const auto listed = is_folder(system, cached_aggregates);
    if (!listed) return std::unexpected(listed.error());
    if (!*listed) continue;
    if (auto done = forget_cached_aggregates_in(system, cached_aggregates, session_id); !done)
      return done;
    if (auto synced = sync_folder(system, cached_aggregates); !synced) return synced;
  }
  return {};
}

}  // namespace agentstore
