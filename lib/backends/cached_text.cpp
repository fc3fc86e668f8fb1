// The file: a name, the MAC of all that follows, the text.

#include "agentstore/internal/cached_text.hpp"

#include <algorithm>
#include <vector>

#include "agentstore/cache_key.hpp"
#include "backends/data_folder.hpp"
#include "backends/store_key.hpp"
#include "base/cache_file.hpp"
#include "base/cache_key.hpp"

namespace agentstore {
namespace {

constexpr std::string_view head = "agentstore text 1\n";
constexpr std::size_t text_bytes_max = std::size_t{256} << 20;

Path path_of(const DataFolder& folder, std::string_view name, const CacheKey& key) {
  return folder.cache() / (std::string{name} + '.' + key.id());
}

std::string mac_of(const CacheKey& key, std::string_view name, std::string_view text) {
  const Hash mac = key.mac({}, "text/" + std::string{name}, {text});
  return to_hex(bytes_of(mac));
}

}  // namespace

std::optional<std::string> load_cached_text(const std::filesystem::path& path,
                                            std::string_view name) {
  const auto folder = DataFolder::open(linux_system(), path, false);
  StoreKey keys{std::nullopt, nullptr};
  const CacheKey* const key = folder && folder->marked() ? keys.find(MissingKey::refuse) : nullptr;
  if (key == nullptr) return std::nullopt;
  auto bytes = read_file(folder->system(), path_of(*folder, name, *key), text_bytes_max);
  if (!bytes || !bytes->starts_with(head)) return std::nullopt;
  const std::size_t mac_end = bytes->find('\n', head.size());
  if (mac_end == bytes->npos) return std::nullopt;
  const std::string mac = bytes->substr(head.size(), mac_end - head.size());
  bytes->erase(0, mac_end + 1);
  if (mac != mac_of(*key, name, *bytes)) return std::nullopt;
  return std::move(*bytes);
}

void save_cached_text(const std::filesystem::path& path, std::string_view name,
                      std::string_view text) {
  const auto folder = DataFolder::open(linux_system(), path, false);
  StoreKey keys{std::nullopt, nullptr};
  const CacheKey* const key = folder && folder->marked() ? keys.find(MissingKey::make) : nullptr;
  if (key == nullptr || text.size() > text_bytes_max / 2) return;
  System& system = folder->system();
  if (!make_cache_folder(system, folder->cache(), folder->folder_mode())) return;
  const std::string begin = std::string{head} + mac_of(*key, name, text) + '\n';
  (void)save_cache_file(
      system, path_of(*folder, name, *key), folder->file_mode(), system.clock(),
      [&](std::int64_t /*begun_ns*/) { return std::vector<std::string_view>{begin, text}; });
}

}  // namespace agentstore
