// The key of a store's caches: the one that was given, or the user's.

#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "agentstore/cache_key.hpp"
#include "base/cache_key.hpp"

namespace agentstore {

/// Thread-safe.
class StoreKey {
 public:
  /// `given`, `tell`: as StoreOptions::cache_key and on_detail.
  StoreKey(const std::optional<std::string>& given, std::function<void(const std::string&)> tell)
      : tell_(std::move(tell)), ask_user_(!given) {
    if (given && !given->empty()) key_.emplace(*given);
  }

  /// Null: nothing is cached. The user's key is looked for at the first call, and made where it is
  /// missing and `missing` says so; what stands in the way is told once.
  const CacheKey* find(MissingKey missing) {
    const std::lock_guard guard{mutex_};
    if (ask_user_ && !key_) {
      if (auto key = user_cache_key(missing)) key_.emplace(std::move(*key));
      else if (missing == MissingKey::make || key.error().code != Code::not_found)
        give_up(key.error());
    }
    return key_ ? &*key_ : nullptr;
  }

 private:
  void give_up(const Error& why) {
    ask_user_ = false;
    if (tell_) tell_("nothing is cached, so long logs take longer: " + why.message);
  }

  const std::function<void(const std::string&)> tell_;
  std::mutex mutex_;
  bool ask_user_;
  std::optional<CacheKey> key_;
};

}  // namespace agentstore
