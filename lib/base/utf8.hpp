// UTF-8 (RFC 3629), one sequence at a time: no overlong forms, no surrogates, nothing over
// U+10FFFF.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace agentstore {

/// The length of the well-formed sequence at `at`, 1 to 4 bytes; 0 where there is none.
inline std::size_t utf8_length(const char* at, const char* end) {
  const auto byte = [at](int index) { return static_cast<unsigned char>(at[index]); };
  const auto follows = [&](int index) { return (byte(index) & 0xC0U) == 0x80U; };
  const auto left = end - at;
  if (left <= 0) return 0;
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || left < 2 || !follows(1)) return 0;
  if (lead < 0xE0) return 2;
  if (left < 3 || !follows(2)) return 0;
  if (lead < 0xF0) {
    const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  if (lead > 0xF4 || left < 4 || !follows(3)) return 0;
  const bool overlong = lead == 0xF0 && byte(1) < 0x90;
  const bool too_large = lead == 0xF4 && byte(1) >= 0x90;
  return overlong || too_large ? 0 : 4;
}

/// How many bytes from the start on are well-formed.
inline std::size_t utf8_prefix_bytes(std::string_view text) {
  constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080;
  const char* const end = text.data() + text.size();
  const char* at = text.data();
  while (at != end) {
    if (std::uint64_t eight = 0; end - at >= 8) {
      std::memcpy(&eight, at, 8);
      if ((eight & high_bits) == 0) {
        at += 8;
        continue;
      }
    }
    const std::size_t length = utf8_length(at, end);
    if (length == 0) break;
    at += length;
  }
  return static_cast<std::size_t>(at - text.data());
}

inline bool is_utf8(std::string_view text) {
  return utf8_prefix_bytes(text) == text.size();
}

/// Writes a code point, which must be none of the surrogates; gives the end of its 1 to 4 bytes.
inline char* put_utf8(char* into, unsigned point) {
  const auto tail = [&](unsigned shift) {
    *into++ = static_cast<char>(0x80U | ((point >> shift) & 0x3FU));
  };
  if (point < 0x80) {
    *into++ = static_cast<char>(point);
  } else if (point < 0x800) {
    *into++ = static_cast<char>(0xC0U | (point >> 6U));
    tail(0);
  } else if (point < 0x10000) {
    *into++ = static_cast<char>(0xE0U | (point >> 12U));
    tail(6);
    tail(0);
  } else {
    *into++ = static_cast<char>(0xF0U | (point >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
  return into;
}

}  // namespace agentstore
