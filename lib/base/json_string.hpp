// The characters of JSON strings: what may stand in them, sixteen bytes at a time where the
// processor has SSE2 (every x86-64).

#pragma once

#include <array>

#include "agentstore/json.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace agentstore::json {

/// What may stand behind a backslash, and behind its u.
enum : unsigned char { short_escape = 1, long_escape = 2, hex_digit = 4 };
constexpr std::array<unsigned char, 256> make_classes() {
  std::array<unsigned char, 256> classes{};
  for (const unsigned char c : {'n', '"', '\\', 't', 'r', '/', 'b', 'f'}) classes[c] = short_escape;
  classes['u'] = long_escape;
  for (unsigned char c = '0'; c <= '9'; ++c) classes[c] |= hex_digit;
  for (unsigned char c = 'a'; c <= 'f'; ++c) classes[c] |= hex_digit;
  for (unsigned char c = 'A'; c <= 'F'; ++c) classes[c] |= hex_digit;
  return classes;
}
inline unsigned class_of(char c) {
  static constexpr auto classes = make_classes();
  return classes[static_cast<unsigned char>(c)];
}

/// Whether what stands behind a backslash is an escape, where four bytes more can be read.
inline bool is_escape(const char* at) {
  const unsigned digits = class_of(at[1]) & class_of(at[2]) & class_of(at[3]) & class_of(at[4]);
  // No branch: which escape it is, nobody can foresee.
  const unsigned first = class_of(*at);
  return ((first & short_escape) | ((first & long_escape) & (digits >> 1U))) != 0;
}
/// The same, up to `end`.
inline bool is_escape(const char* at, const char* end) {
  if (end - at > 4) return is_escape(at);
  return at != end && (class_of(*at) & short_escape) != 0;
}

/// Which bytes from 0x80 on need a look.
enum class HighBytes { looked_at, let_through };

template <HighBytes high_bytes>
bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (high_bytes == HighBytes::looked_at && byte >= 0x80) return false;
  return byte >= 0x20 && byte != '"' && byte != '\\';
}

/// The first byte in [at, end) that needs a look: a quote, a backslash, a control character, or one
/// of `high_bytes`; else `end`.
template <HighBytes high_bytes>
const char* skip_plain(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    // As signed bytes, those from 0x80 are below the space too.
    const __m128i low = high_bytes == HighBytes::looked_at
                            ? _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '))
                            : _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
    const __m128i stop = _mm_or_si128(
        low, _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(stop));
    if (mask != 0) return at + __builtin_ctz(mask);
  }
#endif
  while (at != end && is_plain<high_bytes>(*at)) ++at;
  return at;
}

/// Behind the closing quote of a string that goes on at `at`, is short and has no escapes, as most
/// keys; null where it is another.
inline const char* skip_short(const char* at, const char* limit) {
#if defined(__SSE2__)
  if (limit - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
    const __m128i stop =
        _mm_or_si128(control, _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                           _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(stop));
    const char* const first = at + __builtin_ctz(mask | 0x10000U);
    if (mask != 0 && *first == '"') return first + 1;
  }
#endif
  return nullptr;
}

/// Behind the closing quote of a string that goes on at `at`, not with the rest of an escape; null
/// where it has none, or what is before it may not stand in a string. Bytes from 0x80 are let
/// through.
const char* skip_checked(const char* at, const char* end);

}  // namespace agentstore::json
