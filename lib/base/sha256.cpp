#include "base/sha256.hpp"

// Its digests by name take a tenth longer, and as long to find at the start as a short command
// takes.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <cstring>
#include <new>

namespace agentstore {

// None of the calls can fail.
struct Sha256::State {
  State() { SHA256_Init(&context); }
  void update(std::string_view bytes) { SHA256_Update(&context, bytes.data(), bytes.size()); }
  Hash finish() {
    Hash hash;
    SHA256_Final(hash.data(), &context);
    return hash;
  }

  SHA256_CTX context;
};

namespace {

// Parts that fit are put together: each update costs more than copying them does.
constexpr std::size_t joined_bytes_max = 1024;

}  // namespace

Hash sha256(std::initializer_list<std::string_view> parts) {
  Sha256::State state;
  std::array<char, joined_bytes_max> joined;
  std::size_t size = 0;
  for (const std::string_view part : parts) {
    if (part.size() > joined.size() - size) {
      state.update({joined.data(), size});
      size = 0;
    }
    if (part.size() > joined.size()) {
      state.update(part);
    } else if (!part.empty()) {
      std::memcpy(joined.data() + size, part.data(), part.size());
      size += part.size();
    }
  }
  state.update({joined.data(), size});
  return state.finish();
}

Hash hmac_sha256(std::string_view key, std::span<const std::string_view> parts) {
  constexpr std::size_t block_bytes = 64;
  std::array<char, block_bytes> block{};
  const Hash short_key = key.size() > block_bytes ? sha256({key}) : Hash{};
  if (key.size() > block_bytes) key = bytes_of(short_key);
  std::memcpy(block.data(), key.data(), key.size());
  const auto hash_behind = [&](char pad, std::span<const std::string_view> bytes) {
    std::array<char, block_bytes> padded = block;
    for (char& c : padded) c = static_cast<char>(c ^ pad);
    Sha256 state;
    state.update({padded.data(), padded.size()});
    for (const std::string_view part : bytes) state.update(part);
    return state.finish();
  };
  const Hash inner = hash_behind(0x36, parts);
  const std::string_view inner_bytes = bytes_of(inner);
  return hash_behind(0x5c, {&inner_bytes, 1});
}

Hash pbkdf2_sha256(std::string_view text, std::string_view salt, int iterations) {
  Hash hash{};
  const int done = PKCS5_PBKDF2_HMAC(text.data(), static_cast<int>(text.size()),
                                     reinterpret_cast<const unsigned char*>(salt.data()),
                                     static_cast<int>(salt.size()), iterations, EVP_sha256(),
                                     static_cast<int>(hash.size()), hash.data());
  if (done != 1) throw std::bad_alloc{};  // With our arguments, nothing else fails.
  return hash;
}

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
void Sha256::update(std::string_view bytes) {
  state_->update(bytes);
}
Hash Sha256::finish() {
  return state_->finish();
}

HexText hex_of(const Hash& hash) {
  HexText text;
  put_hex(text.data(), bytes_of(hash));
  return text;
}

}  // namespace agentstore
