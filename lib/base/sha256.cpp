#include "base/sha256.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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

// The two digits of every byte.
constexpr std::array<char, 512> make_pairs() {
  std::array<char, 512> pairs{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    pairs[2 * byte] = "0123456789abcdef"[byte >> 4U];
    pairs[2 * byte + 1] = "0123456789abcdef"[byte & 15U];
  }
  return pairs;
}
constexpr auto pairs = make_pairs();

#if defined(__SSE2__)
struct Classes {
  __m128i decimal, letter;        // what a digit of either kind stands for, from 0 on
  __m128i is_decimal, is_letter;  // masks
};

Classes classes_of(const char* text) {
  const __m128i chars = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  const __m128i decimal = _mm_sub_epi8(chars, _mm_set1_epi8('0'));
  const __m128i letter = _mm_sub_epi8(chars, _mm_set1_epi8('a'));
  return {decimal, letter, _mm_cmpeq_epi8(_mm_min_epu8(decimal, _mm_set1_epi8(9)), decimal),
          _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(5)), letter)};
}

// Sixteen digits to eight bytes, which mean nothing where one of them is none.
bool from_hex_16(const char* text, unsigned char* into) {
  const Classes classes = classes_of(text);
  const __m128i values = _mm_or_si128(
      _mm_and_si128(classes.is_decimal, classes.decimal),
      _mm_and_si128(classes.is_letter, _mm_add_epi8(classes.letter, _mm_set1_epi8(10))));
  // Of each pair the first digit, the high one, is the low byte of a word.
  const __m128i words = _mm_or_si128(_mm_and_si128(_mm_slli_epi16(values, 4), _mm_set1_epi16(0xF0)),
                                     _mm_srli_epi16(values, 8));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(into), _mm_packus_epi16(words, words));
  return _mm_movemask_epi8(_mm_or_si128(classes.is_decimal, classes.is_letter)) == 0xFFFF;
}
#endif

// Parts that fit are put together: each update costs more than copying them does.
constexpr std::size_t joined_bytes_max = 1024;

}  // namespace

Hash sha256(std::initializer_list<std::string_view> parts) {
  thread_local ThreadContext thread;
  require(EVP_DigestInit_ex2(thread.context, algorithm(), nullptr));
  std::array<char, joined_bytes_max> joined;
  std::size_t size = 0;
  for (const std::string_view part : parts) {
    if (part.size() > joined.size() - size) {
      require(EVP_DigestUpdate(thread.context, joined.data(), size));
      size = 0;
    }
    if (part.size() > joined.size()) {
      require(EVP_DigestUpdate(thread.context, part.data(), part.size()));
    } else if (!part.empty()) {
      std::memcpy(joined.data() + size, part.data(), part.size());
      size += part.size();
    }
  }
  require(EVP_DigestUpdate(thread.context, joined.data(), size));
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

void put_hex(char* into, std::string_view bytes) {
  for (const char c : bytes) {
    std::memcpy(into, &pairs[std::size_t{2} * static_cast<unsigned char>(c)], 2);
    into += 2;
  }
}

void append_hex(std::string& out, std::string_view bytes) {
  const std::size_t start = out.size();
  out.resize(start + 2 * bytes.size());
  put_hex(out.data() + start, bytes);
}

std::string to_hex(std::string_view bytes) {
  std::string out;
  append_hex(out, bytes);
  return out;
}

HexText hex_of(const Hash& hash) {
  HexText text;
  put_hex(text.data(), bytes_of(hash));
  return text;
}

bool from_hex(std::string_view text, unsigned char* into, std::size_t size) {
  if (text.size() != size * 2) return false;
  std::size_t i = 0;
#if defined(__SSE2__)
  for (; i + 8 <= size; i += 8) {
    if (!from_hex_16(text.data() + 2 * i, into + i)) return false;
  }
#endif
  unsigned char bad = 0;
  for (; i < size; ++i) {
    const unsigned char high = digits[static_cast<unsigned char>(text[2 * i])];
    const unsigned char low = digits[static_cast<unsigned char>(text[2 * i + 1])];
    bad |= high | low;
    into[i] = static_cast<unsigned char>(high << 4U | low);
  }
  return (bad & 0xF0U) == 0;
}

bool is_hex(std::string_view text) {
  std::size_t i = 0;
#if defined(__SSE2__)
  __m128i good = _mm_set1_epi8(-1);
  for (; i + 16 <= text.size(); i += 16) {
    const Classes classes = classes_of(text.data() + i);
    good = _mm_and_si128(good, _mm_or_si128(classes.is_decimal, classes.is_letter));
  }
  if (_mm_movemask_epi8(good) != 0xFFFF) return false;
#endif
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(i), text.end(),
                     [](char c) { return digits[static_cast<unsigned char>(c)] != no_digit; });
}

}  // namespace agentstore
