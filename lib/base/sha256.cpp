#include "base/sha256.hpp"

#include <openssl/evp.h>

#include <cstdlib>

namespace agentstore {
namespace {

// OpenSSL fails here only without memory or without SHA-256: nothing could be sealed any more.
void require(int done) {
  if (done != 1) std::abort();
}

const EVP_MD* algorithm() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (fetched == nullptr) std::abort();
  return fetched;
}

EVP_MD_CTX* new_context() {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  if (context == nullptr) std::abort();
  return context;
}

struct ThreadContext {
  EVP_MD_CTX* context = new_context();
  ThreadContext() = default;
  ThreadContext(const ThreadContext&) = delete;
  ThreadContext& operator=(const ThreadContext&) = delete;
  ~ThreadContext() { EVP_MD_CTX_free(context); }
};

constexpr unsigned char no_digit = 0xFF;

constexpr std::array<unsigned char, 256> make_digits() {
  std::array<unsigned char, 256> digits{};
  digits.fill(no_digit);
  for (unsigned char i = 0; i < 16; ++i)
    digits[static_cast<unsigned char>("0123456789abcdef"[i])] = i;
  return digits;
}
constexpr auto digits = make_digits();

}  // namespace

Hash sha256(std::initializer_list<std::string_view> parts) {
  thread_local ThreadContext thread;
  require(EVP_DigestInit_ex2(thread.context, algorithm(), nullptr));
  for (const std::string_view part : parts) {
    require(EVP_DigestUpdate(thread.context, part.data(), part.size()));
  }
  Hash hash;
  require(EVP_DigestFinal_ex(thread.context, hash.data(), nullptr));
  return hash;
}

Sha256::Sha256() : context_(new_context()) {
  require(EVP_DigestInit_ex2(static_cast<EVP_MD_CTX*>(context_), algorithm(), nullptr));
}
Sha256::~Sha256() {
  EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_));
}
void Sha256::update(std::string_view bytes) {
  require(EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_), bytes.data(), bytes.size()));
}
Hash Sha256::finish() {
  Hash hash;
  require(EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_), hash.data(), nullptr));
  return hash;
}

void append_hex(std::string& out, std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::size_t at = out.size();
  out.resize(at + bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out[at++] = digits[byte >> 4U];
    out[at++] = digits[byte & 15U];
  }
}

std::string to_hex(std::string_view bytes) {
  std::string out;
  append_hex(out, bytes);
  return out;
}

bool from_hex(std::string_view text, unsigned char* into, std::size_t size) {
  if (text.size() != size * 2) return false;
  unsigned char bad = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const unsigned char high = digits[static_cast<unsigned char>(text[2 * i])];
    const unsigned char low = digits[static_cast<unsigned char>(text[2 * i + 1])];
    bad |= high | low;
    into[i] = static_cast<unsigned char>(high << 4U | low);
  }
  return (bad & 0xF0U) == 0;
}

}  // namespace agentstore
