// Whole numbers of up to 252 bits, which hold every number of 75 digits, with room for one digit
// more.

#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

namespace agentstore {

/// The least significant part first.
using Wide = std::array<std::uint64_t, 4>;

inline bool is_zero(const Wide& value) {
  return (value[0] | value[1] | value[2] | value[3]) == 0;
}

std::strong_ordering compare(const Wide& left, const Wide& right);

/// Whether it has no more than 252 bits. What is given to the functions below has to.
inline bool fits(const Wide& value) {
  return value.back() >> 60 == 0;
}

/// value = value * 10 + digit.
void append_digit(Wide& value, unsigned digit);
/// value = value / 10; gives the digit that went.
unsigned drop_digit(Wide& value);

void add(Wide& value, const Wide& other);
/// `other` is not greater than `value`.
void subtract(Wide& value, const Wide& other);

/// product = left * right. False: it does not fit, and `product` is of no use.
[[nodiscard]] bool multiply(const Wide& left, const Wide& right, Wide& product);

/// Its digits; of 0 none.
std::string digits_of(Wide value);

}  // namespace agentstore
