#include "backends/cached_aggregate_entry.hpp"

#include <algorithm>
#include <utility>

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

void list_covered(auto& way, auto& covered) {
  auto& end = covered.end;
  way.memory(covered.stamp);
  way.memory(end.head);
  way.memory(covered.head_hash);
  way.memory(covered.tail_hash);
  way.fields(end.sequence_number, end.offset_bytes, end.line, end.head_known, end.sealed,
             end.after_unsealed, covered.events, covered.unsealed, covered.seals_checked);
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
  list_covered(reader, kept.covered);
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
  list_covered(writer, covered);
  value += text;
  pack_.put(key_, std::move(value), begun_, log_stamp_.changed_ns);
}

}  // namespace agentstore
