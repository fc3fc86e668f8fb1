#include "base/wide.hpp"

#include <algorithm>

namespace agentstore {
namespace {

__extension__ using Double = unsigned __int128;

}  // namespace

std::strong_ordering compare(const Wide& left, const Wide& right) {
  return std::lexicographical_compare_three_way(left.rbegin(), left.rend(), right.rbegin(),
                                                right.rend());
}

void append_digit(Wide& value, unsigned digit) {
  Double carry = digit;
  for (std::uint64_t& part : value) {
    carry += Double{part} * 10;
    part = static_cast<std::uint64_t>(carry);
    carry >>= 64;
  }
}

unsigned drop_digit(Wide& value) {
  std::uint64_t rest = 0;
  for (std::size_t i = value.size(); i-- > 0;) {
    if (rest == 0) {  // Most numbers are small; this is a division of 64 bits.
      rest = value[i] % 10;
      value[i] /= 10;
      continue;
    }
    const Double part = (Double{rest} << 64) | value[i];
    value[i] = static_cast<std::uint64_t>(part / 10);
    rest = static_cast<std::uint64_t>(part % 10);
  }
  return static_cast<unsigned>(rest);
}

void add(Wide& value, const Wide& other) {
  Double carry = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    carry += Double{value[i]} + other[i];
    value[i] = static_cast<std::uint64_t>(carry);
    carry >>= 64;
  }
}

void subtract(Wide& value, const Wide& other) {
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const Double taken = Double{other[i]} + borrow;
    borrow = value[i] < taken ? 1 : 0;
    value[i] = static_cast<std::uint64_t>(value[i] - taken);
  }
}

bool multiply(const Wide& left, const Wide& right, Wide& product) {
  product = {};
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i] == 0) continue;
    std::uint64_t carry = 0;
    for (std::size_t j = 0; j < right.size(); ++j) {
      if (i + j >= product.size()) {
        if (right[j] != 0) return false;
        continue;
      }
      const Double part = Double{left[i]} * right[j] + product[i + j] + carry;
      product[i + j] = static_cast<std::uint64_t>(part);
      carry = static_cast<std::uint64_t>(part >> 64);
    }
    if (carry != 0) return false;
  }
  return fits(product);
}

std::string digits_of(Wide value) {
  std::string digits;
  while (!is_zero(value)) digits += static_cast<char>('0' + drop_digit(value));
  std::reverse(digits.begin(), digits.end());
  return digits;
}

}  // namespace agentstore
