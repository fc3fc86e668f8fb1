#include "base/cache_key.hpp"

#include <utility>
#include <vector>

namespace agentstore {
namespace {

// Another text than any that is signed: an id gives nothing away of a MAC.
constexpr std::string_view id_label = "agentstore cache key id\n";

}  // namespace

CacheKey::CacheKey(std::string secret)
    : secret_(std::move(secret)),
      id_(to_hex(bytes_of(sha256({id_label, secret_}))).substr(0, cache_key_id_size)) {}

Hash CacheKey::mac(std::string_view session_id, std::string_view kind,
                   std::initializer_list<std::string_view> bytes) const {
  constexpr std::string_view separator{"\0", 1};
  std::vector<std::string_view> parts{session_id, separator, kind, separator};
  parts.insert(parts.end(), bytes);
  return hmac_sha256(secret_, parts);
}

KeyedName split_keyed_name(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == name.npos || dot == 0 || !is_cache_key_id(name.substr(dot + 1))) return {name, {}};
  return {name.substr(0, dot), name.substr(dot + 1)};
}

}  // namespace agentstore
