// Two rare bytes of the piece are compared at their distance in a block of bytes at once, after the
// "packed pair" of Rust's memchr; the rest of the piece where both fit. In the same pass every
// escape \uXXXX is found, since a writer may write any letter so.

#include "agentstore/internal/byte_pattern.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/utf8.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace agentstore {
namespace {

constexpr unsigned char case_bit = 0x20;
constexpr std::uint32_t long_s = 0x17F;
constexpr std::uint32_t kelvin = 0x212A;

bool is_letter(unsigned char c) {
  return (c | case_bit) >= 'a' && (c | case_bit) <= 'z';
}

// How rare a byte is in logs of agents, from 0 on.
std::size_t rarity_of(unsigned char c) {
  constexpr std::string_view common = " etaoinsrldcumpfg_0\",:h-1.2bywv";
  const auto lower = is_letter(c) ? static_cast<char>(c | case_bit) : static_cast<char>(c);
  return std::min(common.find(lower), common.size());
}

// Scripts without cases, and signs. Of others the two cases differ in their bytes.
bool has_no_case(std::uint32_t point) {
  constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 7> ranges{{{0x590, 0x6FF},
                                                                           {0x900, 0xEFF},
                                                                           {0x2000, 0x20FF},
                                                                           {0x2190, 0x245F},
                                                                           {0x2500, 0x2BFF},
                                                                           {0x2E80, 0xA4CF},
                                                                           {0xAC00, 0xD7A3}}};
  return std::ranges::any_of(
             ranges,
             [&](const auto& range) { return point >= range.first && point <= range.second; }) ||
         (point >= 0x1F000 && point <= 0x323AF);
}

// Whether JSON has no short escape for it.
bool stands_for_itself(unsigned char c) {
  return c >= ' ' && c != '"' && c != '\\' && c != '/';
}

std::uint32_t code_point(std::string_view sequence) {
  const auto lead = static_cast<unsigned char>(sequence.front());
  std::uint32_t point = sequence.size() == 1 ? lead : lead & (0x7FU >> sequence.size());
  for (const char c : sequence.substr(1))
    point = point << 6U | (static_cast<unsigned char>(c) & 0x3FU);
  return point;
}

// The longest piece of the text.
std::string_view piece_of(std::string_view text, bool fold_case) {
  std::string_view longest;
  std::size_t begin = 0;
  const auto end_at = [&](std::size_t at) {
    if (at - begin > longest.size()) longest = text.substr(begin, at - begin);
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto c = static_cast<unsigned char>(text[at]);
    const std::size_t bytes = utf8_length(text.data() + at, text.data() + text.size());
    const bool plain =
        c < 0x80 ? stands_for_itself(c)
                 : bytes > 0 && (!fold_case || has_no_case(code_point(text.substr(at, bytes))));
    if (!plain) {
      end_at(at);
      begin = at + std::max<std::size_t>(bytes, 1);
    }
    at += std::max<std::size_t>(bytes, 1);
  }
  end_at(text.size());
  return longest;
}

// Of the four digits of an escape; -1: they are none.
int unit_of(std::string_view digits) {
  int unit = 0;
  for (const char c : digits) {
    const int digit = c >= '0' && c <= '9' ? c - '0'
                      : is_letter(static_cast<unsigned char>(c)) && (c | case_bit) <= 'f'
                          ? (c | case_bit) - 'a' + 10
                          : -1;
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

}  // namespace

BytePattern BytePattern::of(std::string_view text, bool fold_case) {
  BytePattern pattern;
  const std::string_view piece = piece_of(text, fold_case);
  for (const char each : piece) {
    const auto c = static_cast<unsigned char>(each);
    const bool both = fold_case && is_letter(c);
    const unsigned char mask = both ? 0xFF & ~case_bit : 0xFF;
    pattern.bytes_.push_back({static_cast<unsigned char>(c & mask), mask});
    pattern.beyond_ascii_ = pattern.beyond_ascii_ || c >= 0x80;
    for (const unsigned char way : {c, both ? static_cast<unsigned char>(c ^ case_bit) : c})
      if (way < 0x80) pattern.ascii_[way / 64] |= std::uint64_t{1} << way % 64;
    pattern.folds_s_ = pattern.folds_s_ || (both && (c | case_bit) == 's');
    pattern.folds_k_ = pattern.folds_k_ || (both && (c | case_bit) == 'k');
  }
  pattern.decides_ = !piece.empty() && piece.size() == text.size() && !pattern.beyond_ascii_;
  pattern.choose_anchors();
  return pattern;
}

void BytePattern::choose_anchors() {
  const auto rarity = [&](std::size_t i) { return rarity_of(bytes_[i].value); };
  for (std::size_t i = 0; i < bytes_.size(); ++i)
    if (rarity(i) > rarity(first_)) first_ = i;
  second_ = first_ == 0 && bytes_.size() > 1 ? 1 : 0;
  for (std::size_t i = 0; i < bytes_.size(); ++i)
    if (i != first_ && rarity(i) > rarity(second_)) second_ = i;
  for (std::size_t i = 0; i < bytes_.size(); ++i) rarity_ += 8 + rarity(i);
}

bool BytePattern::fits(std::string_view bytes, std::size_t at) const {
  if (bytes.size() - at < bytes_.size()) return false;
  for (std::size_t i = 0; i < bytes_.size(); ++i)
    if ((static_cast<unsigned char>(bytes[at + i]) & bytes_[i].mask) != bytes_[i].value)
      return false;
  return true;
}

// An escape that is cut off by the end may stand for anything.
bool BytePattern::is_escape(std::string_view bytes, std::size_t at) const {
  constexpr std::size_t digits = 4;
  const std::string_view behind = bytes.substr(at + 2, digits);
  if (behind.size() < digits) return true;
  const int unit = unit_of(behind);
  if (unit < 0) return false;
  const auto point = static_cast<unsigned>(unit);
  if (point < 0x80) return (ascii_[point / 64] >> point % 64 & 1U) != 0;
  return beyond_ascii_ || (folds_s_ && point == long_s) || (folds_k_ && point == kelvin);
}

bool BytePattern::folds(std::string_view bytes, std::size_t at) const {
  const std::string_view rest = bytes.substr(at);
  return (folds_s_ && rest.starts_with("\xC5\xBF")) ||
         (folds_k_ && rest.starts_with("\xE2\x84\xAA"));
}

/// One search through a text; `json`: escapes are found, too.
template <bool json>
struct BytePattern::Search {
  const BytePattern& pattern;
  std::string_view bytes;

  // Whether something is found that begins at `at`.
  bool take(std::size_t at, Found& found) const {
    if (at >= bytes.size()) return false;
    if (pattern.fits(bytes, at)) {
      found = {at, false};
      return true;
    }
    if constexpr (json) {
      const bool escape = bytes[at] == '\\' && at + 1 < bytes.size() && bytes[at + 1] == 'u';
      if ((escape && pattern.is_escape(bytes, at)) || pattern.folds(bytes, at)) {
        found = {at, true};
        return true;
      }
    }
    return false;
  }

  Found one_by_one(std::size_t from) const {
    Found found;
    for (std::size_t at = from; at < bytes.size(); ++at)
      if (take(at, found)) break;
    return found;
  }

#if defined(__x86_64__)
  // Blocks of 32 bytes: places at which both anchors fit, or an escape or a folded letter begins.
  __attribute__((target("avx2"))) Found by_blocks(std::size_t from) const {
    constexpr std::size_t block = 32;
    const Byte one = pattern.bytes_[pattern.first_];
    const Byte two = pattern.bytes_[pattern.second_];
    const __m256i value_one = _mm256_set1_epi8(static_cast<char>(one.value));
    const __m256i value_two = _mm256_set1_epi8(static_cast<char>(two.value));
    const __m256i mask_one = _mm256_set1_epi8(static_cast<char>(one.mask));
    const __m256i mask_two = _mm256_set1_epi8(static_cast<char>(two.mask));
    const __m256i backslash = _mm256_set1_epi8('\\');
    const __m256i small_u = _mm256_set1_epi8('u');
    const __m256i fold_s = _mm256_set1_epi8('\xC5');
    const __m256i fold_k = _mm256_set1_epi8('\xE2');
    const bool may_fold = pattern.may_fold();
    const std::size_t reach = std::max<std::size_t>({pattern.first_, pattern.second_, 1}) + block;
    std::size_t at = from;
    for (; at + reach <= bytes.size(); at += block) {
      const auto* const here = reinterpret_cast<const __m256i_u*>(bytes.data() + at);
      const auto* const next = reinterpret_cast<const __m256i_u*>(bytes.data() + at + 1);
      const auto* const first =
          reinterpret_cast<const __m256i_u*>(bytes.data() + at + pattern.first_);
      const auto* const second =
          reinterpret_cast<const __m256i_u*>(bytes.data() + at + pattern.second_);
      __m256i hits = _mm256_and_si256(
          _mm256_cmpeq_epi8(_mm256_and_si256(_mm256_loadu_si256(first), mask_one), value_one),
          _mm256_cmpeq_epi8(_mm256_and_si256(_mm256_loadu_si256(second), mask_two), value_two));
      if constexpr (json) {
        const __m256i bytes_here = _mm256_loadu_si256(here);
        hits = _mm256_or_si256(
            hits, _mm256_and_si256(_mm256_cmpeq_epi8(bytes_here, backslash),
                                   _mm256_cmpeq_epi8(_mm256_loadu_si256(next), small_u)));
        if (may_fold)
          hits = _mm256_or_si256(hits, _mm256_or_si256(_mm256_cmpeq_epi8(bytes_here, fold_s),
                                                       _mm256_cmpeq_epi8(bytes_here, fold_k)));
      }
      auto places = static_cast<unsigned>(_mm256_movemask_epi8(hits));
      for (; places != 0; places &= places - 1) {
        Found found;
        if (take(at + static_cast<std::size_t>(__builtin_ctz(places)), found)) return found;
      }
    }
    return one_by_one(at);
  }
#endif

  Found run(std::size_t from) const {
#if defined(__x86_64__)
    static const bool wide = __builtin_cpu_supports("avx2") != 0;
    if (wide) return by_blocks(from);
#endif
    return one_by_one(from);
  }
};

BytePattern::Found BytePattern::find(std::string_view json, std::size_t from) const {
  if (empty()) return from < json.size() ? Found{from, true} : Found{};
  return Search<true>{*this, json}.run(from);
}

std::size_t BytePattern::find_text(std::string_view text, std::size_t from) const {
  if (empty() || text.size() < bytes_.size() || from > text.size()) return npos;
  return Search<false>{*this, text}.run(from).at;
}

}  // namespace agentstore
