#include "backends/session_cache.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cstring>

#include "base/cache_file.hpp"

namespace agentstore {
namespace {

constexpr std::uint64_t cache_bytes_max = std::uint64_t{4} << 30;

// The file: a header, the records, their texts; in this machine's order of bytes.
struct Header {
  char name[24] = "agentstore sessions 2\n";
  Hash mac{};  // of all that follows
  Stamp sessions_folder;
  Stamp events_folder;
  std::uint64_t count = 0;
  std::uint64_t text_bytes = 0;
};
static_assert(std::has_unique_object_representations_v<Header>);

Hash mac_of(const CacheKey& key, const Header& header, const SessionRecords& sessions) {
  const auto head = bytes_of(&header).substr(offsetof(Header, sessions_folder));
  const auto records = bytes_of(sessions.records.data(), sessions.records.size());
  return key.mac({}, "list", {head, records, sessions.text});
}

bool texts_lie_within(const SessionRecords& sessions) {
  const std::uint64_t size = sessions.text.size();
  return std::ranges::all_of(sessions.records, [&](const SessionRecord& record) {
    return record.text_at <= size &&
           std::uint64_t{record.id_bytes} + record.name_bytes + record.labels_bytes <=
               size - record.text_at;
  });
}

void forget_young(Stamp& stamp, std::int64_t at_ns) {
  if (!stamp.settled(at_ns)) stamp = {};
}

void forget_young(SessionCache& cache, std::int64_t at_ns) {
  forget_young(cache.sessions_folder, at_ns);
  forget_young(cache.events_folder, at_ns);
  for (SessionRecord& record : cache.sessions.records) {
    forget_young(record.file, at_ns);
    forget_young(record.log, at_ns);
  }
}

}  // namespace

std::optional<SessionCache> load_session_cache(System& system, const Path& path,
                                               const CacheKey& key) {
  const auto file = open_file(system, path, O_RDONLY);
  if (!file) return std::nullopt;
  const auto status = status_of(system, *file, path);
  if (!status || status->size_bytes > cache_bytes_max) return std::nullopt;
  const auto read = [&](std::uint64_t at, auto* into, std::size_t size) {
    const auto got = read_at(system, *file, path, at, reinterpret_cast<char*>(into), size);
    return got && *got == size;
  };
  Header header;
  if (!read(0, &header, sizeof header)) return std::nullopt;
  if (std::memcmp(header.name, Header{}.name, sizeof header.name) != 0) return std::nullopt;
  const std::uint64_t rest = status->size_bytes - sizeof header;
  if (header.count > rest / sizeof(SessionRecord)) return std::nullopt;
  const std::uint64_t records_bytes = header.count * sizeof(SessionRecord);
  if (header.text_bytes != rest - records_bytes) return std::nullopt;
  SessionCache cache{header.sessions_folder, header.events_folder, {}};
  cache.sessions.records.resize(header.count);
  cache.sessions.text.resize(header.text_bytes);
  if (!read(sizeof header, cache.sessions.records.data(), records_bytes) ||
      !read(sizeof header + records_bytes, cache.sessions.text.data(), header.text_bytes) ||
      mac_of(key, header, cache.sessions) != header.mac || !texts_lie_within(cache.sessions))
    return std::nullopt;
  return cache;
}

Result<void> save_session_cache(System& system, const Path& path, SessionCache cache,
                                Timestamp begun, mode_t file_mode, const CacheKey& key) {
  Header header;
  return save_cache_file(
      system, path, file_mode, begun, [&](std::int64_t begun_ns) -> std::vector<std::string_view> {
        forget_young(cache, begun_ns);
        const SessionRecords& sessions = cache.sessions;
        header.sessions_folder = cache.sessions_folder;
        header.events_folder = cache.events_folder;
        header.count = sessions.records.size();
        header.text_bytes = sessions.text.size();
        header.mac = mac_of(key, header, sessions);
        return {bytes_of(&header), bytes_of(sessions.records.data(), sessions.records.size()),
                sessions.text};
      });
}

}  // namespace agentstore
