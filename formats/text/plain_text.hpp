// Plain text, sixteen bytes at a time where the processor has SSE2 (every x86-64).

#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace agentstore::formats {

/// Printable ASCII, but for what starts an escape of ours or a runner's command.
inline bool is_plain(char c) {
  return c >= ' ' && c < '\x7f' && c != '\\' && c != '#';
}

#if defined(__SSE2__)
/// The plain characters that sixteen start with.
inline std::size_t plain_of_16(__m128i bytes) {
  // As signed bytes, those from 0x80 are below the space too.
  const __m128i control = _mm_or_si128(_mm_cmplt_epi8(bytes, _mm_set1_epi8(' ')),
                                       _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\x7f')));
  const __m128i special = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')),
                                       _mm_cmpeq_epi8(bytes, _mm_set1_epi8('#')));
  const auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(control, special)));
  return static_cast<std::size_t>(__builtin_ctz(mask | 0x10000U));
}
#endif

/// The plain characters that `text` starts with, or `bytes_max` of them: each is shown as it is,
/// and takes a column. Copies them, for which sixteen bytes more than that may be written.
inline std::size_t copy_plain(char* into, std::string_view text, std::size_t bytes_max) {
  std::size_t at = 0;
#if defined(__SSE2__)
  while (at < bytes_max && text.size() - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(into + at), bytes);
    const std::size_t plain = plain_of_16(bytes);
    at += plain;
    if (plain < 16) return std::min(at, bytes_max);
  }
#endif
  for (; at < bytes_max && at < text.size() && is_plain(text[at]); ++at) into[at] = text[at];
  return std::min(at, bytes_max);
}

/// Copies all of `text` if it is plain; may write some of it if not.
inline bool copy_plain_whole(char* into, std::string_view text) {
  const std::size_t size = text.size();
#if defined(__SSE2__)
  if (size >= 8 && size <= 16) {  // Its ends, which may overlap, take no loop.
    const char* const last = text.data() + size - 8;
    const __m128i ends =
        _mm_unpacklo_epi64(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(text.data())),
                           _mm_loadl_epi64(reinterpret_cast<const __m128i*>(last)));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(into), ends);
    _mm_storel_epi64(reinterpret_cast<__m128i*>(into + size - 8), _mm_srli_si128(ends, 8));
    return plain_of_16(ends) == 16;
  }
#endif
  return copy_plain(into, text, size) == size;
}

/// As copy_plain, but for all of `text`, and copies nothing.
inline std::size_t plain_bytes(std::string_view text) {
  std::size_t at = 0;
#if defined(__SSE2__)
  while (text.size() - at >= 16) {
    const std::size_t plain =
        plain_of_16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at)));
    at += plain;
    if (plain < 16) return at;
  }
#endif
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

}  // namespace agentstore::formats
