// JSON text in blocks of sixty-four bytes, a bit for each, the first in the lowest: so many bytes
// are looked at without a branch. After the first stage of simdjson (Langdale and Lemire, "Parsing
// gigabytes of JSON per second", 2019).

#pragma once

#if defined(__SSE2__)

#include <emmintrin.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace agentstore::json {

inline constexpr std::ptrdiff_t block_bytes = 64;

class Block {
 public:
  /// The bytes from `at` on, as many as stand before `end`; bits behind it are 0. At least a block
  /// has to lie before `end`: a short one is loaded with what stands before it, which is shifted
  /// out.
  Block(const char* at, const char* end)
      : missing_bytes_{std::max<std::ptrdiff_t>(block_bytes - (end - at), 0)},
        first_{load(at - missing_bytes_)},
        second_{load(at - missing_bytes_ + 16)},
        third_{load(at - missing_bytes_ + 32)},
        fourth_{load(at - missing_bytes_ + 48)} {}
  /// The whole block from `at` on.
  explicit Block(const char* at) : Block{at, at + block_bytes} {}

  /// Where the next one begins.
  const char* behind(const char* at) const { return at + block_bytes - missing_bytes_; }

  std::uint64_t equal(char c) const {
    return bits(
        [wanted = _mm_set1_epi8(c)](__m128i bytes) { return _mm_cmpeq_epi8(bytes, wanted); });
  }
  /// Of two characters that only 0x20 tells apart, as brackets and braces are, either one.
  std::uint64_t equal_folded(char c) const {
    return bits([wanted = _mm_set1_epi8(c)](__m128i bytes) {
      return _mm_cmpeq_epi8(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), wanted);
    });
  }
  /// Whether a control character is among the bytes loaded, those before `at` included.
  bool has_control() const {
    const __m128i least =
        _mm_min_epu8(_mm_min_epu8(first_, second_), _mm_min_epu8(third_, fourth_));
    const __m128i last = _mm_set1_epi8(0x1F);
    return _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(least, last), least)) != 0;
  }

 private:
  static __m128i load(const char* at) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  }
  template <class Test>
  std::uint64_t bits(Test&& test) const {
    const auto mask = [&](__m128i bytes) {
      return std::uint64_t{static_cast<unsigned>(_mm_movemask_epi8(test(bytes)))};
    };
    return (mask(first_) | mask(second_) << 16U | mask(third_) << 32U | mask(fourth_) << 48U) >>
           missing_bytes_;
  }

  std::ptrdiff_t missing_bytes_;
  __m128i first_;
  __m128i second_;
  __m128i third_;
  __m128i fourth_;
};

/// Which characters stand behind a backslash that is not escaped itself, from block to block.
class Escapes {
 public:
  std::uint64_t next(std::uint64_t backslashes) {
    constexpr std::uint64_t even = 0x5555'5555'5555'5555;
    backslashes &= ~carried_;
    const std::uint64_t behind = backslashes << 1U | carried_;
    // A run of backslashes escapes every other character, from its second on. Added to the start of
    // a run, a bit moves behind its end.
    const std::uint64_t odd_starts = backslashes & ~even & ~behind;
    std::uint64_t ends = 0;
    carried_ = __builtin_add_overflow(odd_starts, backslashes, &ends) ? 1 : 0;
    return (even ^ ends << 1U) & behind;
  }

  /// 1 where the first character of the next block is escaped by the last of the one before.
  unsigned carried() const { return static_cast<unsigned>(carried_); }

 private:
  std::uint64_t carried_ = 0;
};

/// Which characters stand in strings, from block to block: from an opening quote up to before the
/// closing one.
class Strings {
 public:
  std::uint64_t next(std::uint64_t quotes) {
    std::uint64_t inside = quotes;
    for (unsigned shift = 1; shift < block_bytes; shift *= 2) inside ^= inside << shift;
    inside ^= carried_;
    carried_ = inside >> 63U == 0 ? 0 : ~std::uint64_t{0};
    return inside;
  }

 private:
  std::uint64_t carried_ = 0;  // all ones: the next block begins in a string
};

}  // namespace agentstore::json

#endif
