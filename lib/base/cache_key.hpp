// A key of caches: what it signs was written by us.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/sha256.hpp"

namespace agentstore {

class CacheKey {
 public:
  explicit CacheKey(std::string secret);

  /// 16 hex digits, for names of files: of a hash of the key, which tells nothing of it.
  const std::string& id() const { return id_; }

  /// HMAC-SHA-256 of the session's id, a NUL, the kind of cache, a NUL, and the bytes.
  Hash mac(std::string_view session_id, std::string_view kind,
           std::initializer_list<std::string_view> bytes) const;

 private:
  std::string secret_;
  std::string id_;
};

inline constexpr std::size_t cache_key_id_size = 16;

/// Whether `text` may be the id of a key.
inline bool is_cache_key_id(std::string_view text) {
  return text.size() == cache_key_id_size && is_hex(text);
}

/// What stands before the last dot of "NAME.KEY", where KEY may be the id of a key; and that.
struct KeyedName {
  std::string_view name;
  std::string_view key_id;  ///< empty: it is no such name
};
KeyedName split_keyed_name(std::string_view name);

}  // namespace agentstore
