// SHA-256 (FIPS 180-4), by OpenSSL.

#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/hex.hpp"

namespace agentstore {

using Hash = std::array<unsigned char, 32>;
using Salt = std::array<unsigned char, 16>;

/// The hash of the parts, one behind the other.
Hash sha256(std::initializer_list<std::string_view> parts);

/// HMAC-SHA-256 (RFC 2104) of the parts, one behind the other.
Hash hmac_sha256(std::string_view key, std::span<const std::string_view> parts);

/// PBKDF2 with HMAC-SHA-256 (RFC 8018): a digest that takes long, for what might be guessed.
Hash pbkdf2_sha256(std::string_view text, std::string_view salt, int iterations);

/// Hashing in steps, for what does not fit into memory.
class Sha256 {
 public:
  Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  ~Sha256();
  void update(std::string_view bytes);
  Hash finish();

 private:
  friend Hash sha256(std::initializer_list<std::string_view> parts);
  struct State;
  std::unique_ptr<State> state_;
};

inline std::string_view bytes_of(const Hash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}
inline std::string_view bytes_of(const Salt& salt) {
  return {reinterpret_cast<const char*>(salt.data()), salt.size()};
}

/// A hash as text, without an allocation.
using HexText = std::array<char, 64>;
HexText hex_of(const Hash& hash);
inline std::string_view view_of(const HexText& text) {
  return {text.data(), text.size()};
}

}  // namespace agentstore
