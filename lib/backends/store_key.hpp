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
  /// `given`, `tell`: as BackendOptions::cache_key and on_detail.
  StoreKey(const std::optional<std::string>& given, std::function<void(const std::string&)> tell)
      : tell_(std::move(tell)), ask_user_(!given) {
    if (given && !given->empty()) key_.emplace(*given);
  }

  /// Null: nothing is cached. The user's key is looked for at the first call, and made where it is
  /// missing and `missing` says so; what stands in the way is told once.
  const CacheKey* find(MissingKey missing) {
    std::unique_lock guard{mutex_};
    if (!ask_user_ || key_) return key_ ? &*key_ : nullptr;
    auto key = user_cache_key(missing);
    if (key) return &key_.emplace(std::move(*key));
    if (missing == MissingKey::make || key.error().code != Code::not_found) {
      ask_user_ = false;
      guard.unlock();  // who is told may call the store
      if (tell_) tell_("nothing is cached, so long logs take longer: " + key.error().message);
    }
    return nullptr;
  }

 private:
  const std::function<void(const std::string&)> tell_;
  std::mutex mutex_;
  bool ask_user_;
  std::optional<CacheKey> key_;
};

}  // namespace agentstore
