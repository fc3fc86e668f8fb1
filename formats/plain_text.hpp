// Plain text, sixteen bytes at a time where the processor has SSE2 (every x86-64).

#pragma once

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

/// The plain characters that `text` starts with: each is shown as it is, and takes a column.
inline std::size_t plain_bytes(std::string_view text) {
  std::size_t at = 0;
#if defined(__SSE2__)
  for (; text.size() - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    // As signed bytes, those from 0x80 are below the space too.
    const __m128i control = _mm_or_si128(_mm_cmplt_epi8(bytes, _mm_set1_epi8(' ')),
                                         _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\x7f')));
    const __m128i special = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')),
                                         _mm_cmpeq_epi8(bytes, _mm_set1_epi8('#')));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(control, special)));
    if (mask != 0) return at + static_cast<std::size_t>(__builtin_ctz(mask));
  }
#endif
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

}  // namespace agentstore::formats
