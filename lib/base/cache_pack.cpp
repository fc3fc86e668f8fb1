#include "base/cache_pack.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "agentstore/internal/bytes.hpp"
#include "base/cache_file.hpp"
#include "base/stamp.hpp"

namespace agentstore {
namespace {

// Half of a file may be records that were replaced.
constexpr std::uint64_t replaced_bytes_free = std::uint64_t{1} << 20;

struct Header {
  char name[24] = "agentstore cache 1\n";
  std::uint64_t bytes = 0;  // of the records
  Hash mac{};
};
static_assert(std::has_unique_object_representations_v<Header>);

bool has_name(const Header& header) {
  return std::memcmp(header.name, Header{}.name, sizeof header.name) == 0;
}

void put_record(ByteWriter& writer, std::string_view key, std::string_view value, bool settled) {
  writer.fields(settled, key, value);
}

}  // namespace

Hash CachePack::mac_of(std::string_view records, std::uint64_t offset_bytes) const {
  return key_.mac({}, options_.kind, {bytes_of(&offset_bytes), records});
}

CachePack::Chunk CachePack::take_chunk(std::size_t& at) {
  Header header;
  const std::size_t left = bytes_.size() - at;
  std::memcpy(&header, bytes_.data() + at, std::min(left, sizeof header));
  if (left < sizeof header || !has_name(header)) {
    const bool begun =
        std::memcmp(header.name, Header{}.name, std::min(left, sizeof header.name)) == 0;
    return begun ? Chunk::torn : Chunk::foreign;
  }
  if (header.bytes > left - sizeof header) return Chunk::torn;
  const auto records = std::string_view{bytes_}.substr(at + sizeof header, header.bytes);
  if (mac_of(records, at) != header.mac) return Chunk::altered;
  if (!take_records(records)) return Chunk::foreign;
  at += sizeof header + header.bytes;
  return Chunk::good;
}

bool CachePack::take_records(std::string_view records) {
  ByteReader reader{records};
  while (!reader.at_end()) {
    bool settled = false;
    std::string_view key;
    std::string_view value;
    reader.fields(settled, key, value);
    if (!reader.sound()) return false;
    known_[key] = {value, settled};
  }
  return true;
}

void CachePack::load() {
  if (std::exchange(loaded_, true)) return;
  const auto file = open_file(system_, options_.file, O_RDONLY);
  sound_ = static_cast<bool>(file);
  if (!file) {
    if (file.error().code != Code::not_found) fault_ = file.error().message;
    return;
  }
  const auto status = status_of(system_, *file, options_.file);
  sound_ = status && status->size_bytes <= options_.bytes_max;
  if (!sound_) return;
  inode_ = status->inode;
  bytes_.resize_and_overwrite(status->size_bytes, [&](char* into, std::size_t size) {
    const auto got = read_at(system_, *file, options_.file, 0, into, size);
    return got ? *got : 0;
  });
  std::size_t at = 0;
  for (Chunk chunk = Chunk::good; sound_ && at < bytes_.size();) {
    chunk = take_chunk(at);
    sound_ = chunk == Chunk::good;
    if (chunk == Chunk::altered)
      fault_ = options_.file.string() +
               " was altered or forged: it bears our key's name, and a wrong MAC";
    if (chunk == Chunk::foreign) fault_ = options_.file.string() + " does not hold a cache of ours";
  }
}

std::optional<CachePack::Found> CachePack::find(std::string_view key) {
  const std::lock_guard guard{mutex_};
  load();
  for (const auto* const puts : {&put_, &saved_})
    if (const auto found = puts->find(key); found != puts->end())
      return found->second.value.empty()
                 ? std::nullopt
                 : std::optional{Found{found->second.value, found->second.settled}};
  const auto known = known_.find(key);
  if (known == known_.end() || known->second.value.empty()) return std::nullopt;
  known->second.used = true;
  return Found{std::string{known->second.value}, known->second.settled};
}

void CachePack::put(std::string key, std::string value, Timestamp begun, std::int64_t changed_ns) {
  const std::lock_guard guard{mutex_};
  load();
  put_.insert_or_assign(std::move(key), Put{std::move(value), begun, changed_ns, false});
}

std::size_t CachePack::unsaved() const {
  const std::lock_guard guard{mutex_};
  return put_.size();
}

void CachePack::forget() {
  const std::lock_guard guard{mutex_};
  known_.clear();
  put_.clear();
  saved_.clear();
  bytes_.clear();
  sound_ = false;  // so that the file is written anew
}

std::optional<std::string> CachePack::fault() {
  const std::lock_guard guard{mutex_};
  load();
  return fault_;
}

std::vector<std::string> CachePack::keys() {
  const std::lock_guard guard{mutex_};
  load();
  std::vector<std::string> keys;
  for (const auto& [key, known] : known_) keys.emplace_back(key);
  for (const auto* const puts : {&put_, &saved_})
    for (const auto& [key, put] : *puts) keys.push_back(key);
  std::ranges::sort(keys);
  keys.erase(std::ranges::unique(keys).begin(), keys.end());
  return keys;
}

// By the clock of the file system, which may be another machine's: that of a new file.
void CachePack::settle_puts() {
  const Path temp = sibling_temp(options_.file);
  struct stat made{};
  {
    const auto file = open_file(system_, temp, O_WRONLY | O_CREAT | O_EXCL, options_.mode);
    if (!file) {
      system_.unlink(temp.c_str());  // It may have been made before it failed.
      return;
    }
    const bool known = system_.fstat(file->get(), made) >= 0;
    system_.unlink(temp.c_str());
    if (!known) return;
  }
  const Timestamp now = system_.clock();
  for (auto& [key, put] : put_) {
    const std::int64_t taken_ms = std::max<std::int64_t>(milliseconds_between(put.begun, now), 0);
    put.settled =
        Stamp{.inode = 1, .size_bytes = 0, .modified_ns = 0, .changed_ns = put.changed_ns}.settled(
            stamp_of(made).changed_ns - taken_ms * 1'000'000);
  }
}

std::string CachePack::chunk_of(const std::string& records, std::uint64_t offset_bytes) const {
  Header header;
  header.bytes = records.size();
  header.mac = mac_of(records, offset_bytes);
  return std::string{bytes_of(&header)} + records;
}

// What other processes appended meanwhile is whole, unless one of them died.
bool CachePack::ends_in_whole_chunks(const Descriptor& file, std::uint64_t size_bytes) {
  std::uint64_t at = bytes_.size() + appended_bytes_;
  while (at < size_bytes) {
    Header header;
    const auto got =
        read_at(system_, file, options_.file, at, reinterpret_cast<char*>(&header), sizeof header);
    if (!got || *got != sizeof header || !has_name(header)) return false;
    if (header.bytes > size_bytes - at - sizeof header) return false;
    at += sizeof header + header.bytes;
  }
  return at == size_bytes;
}

// False: the file has to be written anew. Where another process is at work on it, nothing is done.
bool CachePack::append(const std::string& records) {
  if (!sound_ || inode_ == 0) return false;
  const auto file = open_file(system_, options_.file, O_RDWR | O_APPEND);
  if (!file) return false;
  if (system_.flock(file->get(), LOCK_EX | LOCK_NB) < 0) return true;
  const auto status = status_of(system_, *file, options_.file);
  const auto there = status_of(system_, options_.file);
  if (!status || !there || !*there || !status->same_file(**there) || status->inode != inode_)
    return true;
  if (!ends_in_whole_chunks(*file, status->size_bytes)) return false;
  std::uint64_t live = records.size();
  for (const auto& [key, known] : known_)
    if (!put_.contains(key)) live += key.size() + known.value.size();
  const std::string chunk = chunk_of(records, status->size_bytes);
  const std::uint64_t size = status->size_bytes + chunk.size();
  if (size > options_.bytes_max || size > 2 * live + replaced_bytes_free) return false;
  if (!write_all(system_, *file, options_.file, chunk)) {
    system_.ftruncate(file->get(), static_cast<off_t>(status->size_bytes));
    return true;
  }
  appended_bytes_ = size - bytes_.size();
  return true;
}

// What was asked for comes first, as far as there is room.
std::string CachePack::all_records(const std::function<bool(std::string_view key)>& wanted) const {
  std::string records;
  ByteWriter writer{records};
  const auto fits = [&](std::string_view key, std::string_view value) {
    return sizeof(Header) + records.size() + key.size() + value.size() + 32 <= options_.bytes_max;
  };
  for (const auto* const puts : {&put_, &saved_})
    for (const auto& [key, put] : *puts)
      if ((puts == &put_ || !put_.contains(key)) && !put.value.empty() && fits(key, put.value))
        put_record(writer, key, put.value, put.settled);
  for (const bool used : {true, false})
    for (const auto& [key, known] : known_)
      if (known.used == used && !known.value.empty() && !put_.contains(key) &&
          !saved_.contains(key) && fits(key, known.value) && wanted(key))
        put_record(writer, key, known.value, known.settled);
  return records;
}

void CachePack::save(const std::function<bool(std::string_view key)>& wanted) {
  const std::lock_guard guard{mutex_};
  if (put_.empty()) return;
  load();
  settle_puts();
  std::string records;
  ByteWriter writer{records};
  for (const auto& [key, put] : put_) put_record(writer, key, put.value, put.settled);
  if (!append(records)) {
    const std::string all = chunk_of(all_records(wanted), 0);
    const auto saved =
        save_cache_file(system_, options_.file, options_.mode, system_.clock(),
                        [&](std::int64_t) { return std::vector{std::string_view{all}}; });
    // What was known stays where it is in memory; the next one that opens the file has the new one.
    inode_ = 0;
    if (saved) fault_.reset();
  }
  for (auto& [key, put] : put_) saved_.insert_or_assign(key, std::move(put));
  put_.clear();
}

}  // namespace agentstore
