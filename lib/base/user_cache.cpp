#include "agentstore/internal/user_cache.hpp"

#include <cerrno>
#include <utility>

#include "agentstore/cache_key.hpp"
#include "base/cache_pack.hpp"

namespace agentstore {
namespace {

/// Not durable; where it cannot be made, the file in it cannot either.
void make_folders(const Path& folder, const Path& base) {
  if (folder == base || folder == folder.parent_path()) return;
  System& system = linux_system();
  if (system.mkdir(folder.c_str(), 0700) != -ENOENT) return;
  make_folders(folder.parent_path(), base);
  system.mkdir(folder.c_str(), 0700);
}

}  // namespace

struct UserCache::Impl {
  Impl(Place its_place, std::string secret)
      : place{std::move(its_place)},
        key{std::move(secret)},
        pack{linux_system(),
             {.file = place.folder / (place.name + "." + key.id()),
              .mode = 0600,
              .kind = place.name,
              .bytes_max = place.bytes_max},
             key} {}

  const Place place;
  const CacheKey key;
  CachePack pack;
};

Result<UserCache> UserCache::open(Place place) {
  auto secret = user_cache_key();
  if (!secret) return std::unexpected{secret.error()};
  return UserCache{std::make_unique<Impl>(std::move(place), std::move(*secret))};
}

UserCache::UserCache(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
UserCache::UserCache(UserCache&&) noexcept = default;
UserCache::~UserCache() = default;

std::optional<UserCache::Found> UserCache::find(std::string_view key) {
  auto found = impl_->pack.find(key);
  if (!found) return std::nullopt;
  return Found{std::move(found->value), found->settled};
}

void UserCache::put(std::string key, std::string value, Timestamp begun, std::int64_t changed_ns) {
  impl_->pack.put(std::move(key), std::move(value), begun, changed_ns);
}

void UserCache::save() {
  if (impl_->pack.unsaved() == 0) return;
  make_folders(impl_->place.folder, impl_->place.base);
  impl_->pack.save([](std::string_view /*key*/) { return true; });
}

std::optional<std::string> UserCache::fault() {
  return impl_->pack.fault();
}

std::vector<std::string> UserCache::keys() {
  return impl_->pack.keys();
}

}  // namespace agentstore
