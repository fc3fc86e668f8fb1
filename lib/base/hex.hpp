// Bytes as digits of base 16, in lower case.

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace agentstore {

/// Two digits for each byte.
void put_hex(char* into, std::string_view bytes);
std::string to_hex(std::string_view bytes);
void append_hex(std::string& out, std::string_view bytes);
/// Lower-case digits only, exactly enough of them; false otherwise.
bool from_hex(std::string_view text, unsigned char* into, std::size_t size);

#if defined(__SSE2__)
/// What sixteen characters are as digits.
struct HexClasses {
  __m128i decimal, letter;        ///< what a digit of either kind stands for, from 0 on
  __m128i is_decimal, is_letter;  ///< masks
};

inline HexClasses hex_classes(const char* text) {
  const __m128i chars = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  const __m128i decimal = _mm_sub_epi8(chars, _mm_set1_epi8('0'));
  const __m128i letter = _mm_sub_epi8(chars, _mm_set1_epi8('a'));
  return {decimal, letter, _mm_cmpeq_epi8(_mm_min_epu8(decimal, _mm_set1_epi8(9)), decimal),
          _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(5)), letter)};
}
#endif

/// Whether all are lower-case digits. Inlined: the sizes are known where it counts.
[[gnu::always_inline]] inline bool is_hex(std::string_view text) {
  std::size_t i = 0;
#if defined(__SSE2__)
  __m128i good = _mm_set1_epi8(-1);
  for (; i + 16 <= text.size(); i += 16) {
    const HexClasses classes = hex_classes(text.data() + i);
    good = _mm_and_si128(good, _mm_or_si128(classes.is_decimal, classes.is_letter));
  }
  if (_mm_movemask_epi8(good) != 0xFFFF) return false;
#endif
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(i), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace agentstore
