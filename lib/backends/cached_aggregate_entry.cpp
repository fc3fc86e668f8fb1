#include "backends/cached_aggregate_entry.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "agentstore/internal/bytes.hpp"
#include "base/cache_file.hpp"

namespace agentstore {
namespace {

constexpr std::size_t window_bytes = 4096;
// Of a text that is longer, the log is read faster than the cache of all others.
constexpr std::size_t text_bytes_max = std::size_t{64} << 20;

Stamp stamp_at(System& system, const Path& path) {
  struct stat status{};
  return system.lstat(path.c_str(), status) == 0 ? stamp_of(status) : Stamp{};
}

/// Of the window that ends at `end_bytes`; nothing where the log cannot be read so far.
std::optional<Hash> hash_before(log::ByteSource& source, std::uint64_t end_bytes) {
  std::string bytes(std::min<std::uint64_t>(window_bytes, end_bytes), '\0');
  const auto got = source.read_at(end_bytes - bytes.size(), bytes.data(), bytes.size());
  if (!got || *got != bytes.size()) return std::nullopt;
  return sha256({bytes});
}

void list_fields(auto& way, Any<log::Position> auto& end) {
  way.fields(end.sequence_number, end.offset_bytes, end.line, end.head_known, end.sealed,
             end.after_unsealed);
}

void put_covered(ByteWriter& writer, const CoveredLog& covered) {
  writer.put_memory(covered.stamp);
  writer.put_memory(covered.end.head);
  writer.put_memory(covered.head_hash);
  writer.put_memory(covered.tail_hash);
  list_fields(writer, covered.end);
  writer.fields(covered.events, covered.unsealed, covered.seals_checked);
}

void take_covered(ByteReader& reader, CoveredLog& covered) {
  reader.take_memory(covered.stamp);
  reader.take_memory(covered.end.head);
  reader.take_memory(covered.head_hash);
  reader.take_memory(covered.tail_hash);
  list_fields(reader, covered.end);
  reader.fields(covered.events, covered.unsealed, covered.seals_checked);
}

// Errors: io; so where it is a link.
Result<bool> is_folder(System& system, const Path& path) {
  const auto status = status_of(system, path);
  if (!status) return std::unexpected(status.error());
  if (*status && S_ISLNK((*status)->mode)) return system_error("list", path, ELOOP);
  return *status && S_ISDIR((*status)->mode);
}

// Deletes, durably, the files of a folder whose names are such.
template <class IsOne>
Result<void> delete_files(System& system, const Path& folder, IsOne is_one) {
  const auto names = list_folder(system, folder);
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    if (!is_one(name)) continue;
    const Path path = folder / name;
    const int error = system.unlink(path.c_str());
    if (error < 0 && error != -ENOENT) return system_error("delete", path, -error);
  }
  return sync_folder(system, folder);
}

}  // namespace

CachedAggregateEntry::CachedAggregateEntry(const DataFolder& folder, CachePack& pack,
                                           std::string_view session_id, std::string_view name,
                                           std::string_view version)
    : folder_(folder),
      pack_(pack),
      key_(std::string{session_id} + '\n' + std::string{name} + '\n' + std::string{version}),
      log_(folder.log_file(session_id)),
      begun_(folder.system().clock()),
      log_stamp_(stamp_at(folder.system(), log_)) {}

std::optional<CachedAggregateEntry::Kept> CachedAggregateEntry::load() const {
  if (!log_stamp_.known()) return std::nullopt;
  auto found = pack_.find(key_);
  if (!found) return std::nullopt;
  Kept kept;
  ByteReader reader{found->value};
  take_covered(reader, kept.covered);
  if (!reader.sound()) return std::nullopt;
  const Stamp& then = kept.covered.stamp;
  kept.grown = then.inode == log_stamp_.inode && then.size_bytes < log_stamp_.size_bytes;
  const bool same = found->settled && then == log_stamp_;
  if (!same && !kept.grown) return std::nullopt;
  const std::size_t text_at = found->value.size() - reader.rest().size();
  found->value.erase(0, text_at);
  kept.text = std::move(found->value);
  return kept;
}

bool CachedAggregateEntry::still_begins_so(log::ByteSource& source, const CoveredLog& covered) {
  const std::uint64_t end = covered.end.offset_bytes;
  if (source.size_bytes() < end) return false;
  return hash_before(source, end) == covered.tail_hash &&
         hash_before(source, std::min<std::uint64_t>(window_bytes, end)) == covered.head_hash;
}

void CachedAggregateEntry::save(CoveredLog covered, log::ByteSource& source,
                                std::string_view text) const {
  const std::uint64_t end = covered.end.offset_bytes;
  if (!log_stamp_.known() || end != log_stamp_.size_bytes || text.size() > text_bytes_max) return;
  if (!folder_.marked() || stamp_at(folder_.system(), log_) != log_stamp_) return;
  const auto head = hash_before(source, std::min<std::uint64_t>(window_bytes, end));
  const auto tail = hash_before(source, end);
  if (!head || !tail) return;
  covered.stamp = log_stamp_;
  covered.head_hash = *head;
  covered.tail_hash = *tail;
  std::string value;
  ByteWriter writer{value};
  put_covered(writer, covered);
  value += text;
  pack_.put(key_, std::move(value), begun_, log_stamp_.changed_ns);
}

Result<void> forget_cached_aggregates(const DataFolder& folder, std::string_view session_id) {
  System& system = folder.system();
  const auto cached = is_folder(system, folder.cache());
  if (!cached) return std::unexpected(cached.error());
  if (!*cached) return {};
  auto done = delete_files(system, folder.cache(), [](std::string_view name) {
    return name.starts_with("aggregates.") ||
           (name.starts_with(".aggregates.") && name.ends_with(".tmp"));
  });
  if (!done) return done;
  // Older versions had a file for each session.
  const Path older = folder.cache() / "stats";
  const auto listed = is_folder(system, older);
  if (!listed) return std::unexpected(listed.error());
  if (!*listed) return {};
  return delete_files(system, older, [&](std::string_view name) {
    return split_keyed_name(name).name == session_id || name == session_id;
  });
}

}  // namespace agentstore
