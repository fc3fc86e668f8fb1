#include "base/hex.hpp"

#include <cstring>

namespace agentstore {
namespace {

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
// Sixteen digits to eight bytes, which mean nothing where one of them is none.
bool from_hex_16(const char* text, unsigned char* into) {
  const HexClasses classes = hex_classes(text);
  const __m128i values = _mm_or_si128(
      _mm_and_si128(classes.is_decimal, classes.decimal),
      _mm_and_si128(classes.is_letter, _mm_add_epi8(classes.letter, _mm_set1_epi8(10))));
  // Of each pair the first digit, the high one, is the low byte of a word.
  const __m128i words = _mm_or_si128(_mm_and_si128(_mm_slli_epi16(values, 4), _mm_set1_epi16(0xF0)),
                                     _mm_srli_epi16(values, 8));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(into), _mm_packus_epi16(words, words));
  return _mm_movemask_epi8(_mm_or_si128(classes.is_decimal, classes.is_letter)) == 0xFFFF;
}

// Sixteen values below 16 to digits.
__m128i to_digits(__m128i values) {
  const __m128i is_letter = _mm_cmpgt_epi8(values, _mm_set1_epi8(9));
  return _mm_add_epi8(_mm_add_epi8(values, _mm_set1_epi8('0')),
                      _mm_and_si128(is_letter, _mm_set1_epi8('a' - '0' - 10)));
}

void put_hex_of_16(char* into, const char* bytes) {
  const __m128i all = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  const __m128i low_bits = _mm_set1_epi8(15);
  const __m128i high = to_digits(_mm_and_si128(_mm_srli_epi16(all, 4), low_bits));
  const __m128i low = to_digits(_mm_and_si128(all, low_bits));
  auto* const out = reinterpret_cast<__m128i*>(into);
  _mm_storeu_si128(out, _mm_unpacklo_epi8(high, low));
  _mm_storeu_si128(out + 1, _mm_unpackhi_epi8(high, low));
}
#endif

}  // namespace

void put_hex(char* into, std::string_view bytes) {
#if defined(__SSE2__)
  for (; bytes.size() >= 16; bytes.remove_prefix(16), into += 32) put_hex_of_16(into, bytes.data());
#endif
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

}  // namespace agentstore
