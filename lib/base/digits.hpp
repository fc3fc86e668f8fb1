// Decimal digits, eight at a time.

#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace agentstore {

/// Eight characters as a number, the first one in its lowest byte.
inline std::uint64_t load_eight(const char* text) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, text, 8);
  if constexpr (std::endian::native == std::endian::big) bytes = __builtin_bswap64(bytes);
  return bytes;
}

/// How many of the eight are digits, from the first one on.
inline unsigned count_digits(std::uint64_t eight) {
  constexpr std::uint64_t high_halves = 0xF0F0'F0F0'F0F0'F0F0;
  constexpr std::uint64_t zeros = 0x3030'3030'3030'3030;
  // Of a digit the high half is 3, and six more do not change it. A carry only spoils what follows.
  const std::uint64_t other =
      ((eight ^ zeros) | ((eight + 0x0606'0606'0606'0606) ^ zeros)) & high_halves;
  return static_cast<unsigned>(std::countr_zero(other)) / 8;
}

/// The number that eight digits are: neighbours are put together in three steps.
inline std::uint32_t number_of_eight(std::uint64_t eight) {
  eight -= 0x3030'3030'3030'3030;
  eight = eight * 10 + (eight >> 8U);
  constexpr std::uint64_t every_fourth = 0x0000'00FF'0000'00FF;
  eight = ((eight & every_fourth) * 0x000F'4240'0000'0064 +
           ((eight >> 16U) & every_fourth) * 0x0000'2710'0000'0001) >>
          32U;
  return static_cast<std::uint32_t>(eight);
}

/// The number that the first `count` of eight characters are, 1 to 8, which are digits.
inline std::uint32_t number_of(std::uint64_t eight, unsigned count) {
  const unsigned rest = 8 * (8 - count);
  constexpr std::uint64_t zeros = 0x3030'3030'3030'3030;
  // Zeros before it: shifted out and in where all eight are digits.
  return number_of_eight(rest == 0 ? eight : eight << rest | zeros >> (64 - rest));
}

/// The digits behind a decimal point, one to nine, as billionths; nothing where they are none.
inline std::optional<std::int32_t> billionths_of(std::string_view digits) {
  if (digits.empty() || digits.size() > 9) return std::nullopt;
  std::uint32_t value = 0;
  std::size_t at = 0;
  if (digits.size() >= 8) {
    const std::uint64_t eight = load_eight(digits.data());
    if (count_digits(eight) != 8) return std::nullopt;
    value = number_of_eight(eight);
    at = 8;
  }
  for (; at < digits.size(); ++at) {
    const unsigned digit = static_cast<unsigned char>(digits[at]) - unsigned{'0'};
    if (digit > 9) return std::nullopt;
    value = value * 10 + digit;
  }
  for (; at < 9; ++at) value *= 10;
  return static_cast<std::int32_t>(value);
}

}  // namespace agentstore
