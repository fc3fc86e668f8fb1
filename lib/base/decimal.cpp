#include "agentstore/decimal.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace agentstore {
namespace {

using Wide = WideInteger;

constexpr Wide wide_max = (((Wide{1} << 126) - 1) << 1) + 1;
constexpr std::int32_t exponent_max = 100'000;

bool times_ten(Wide& value) {
  if (value > wide_max / 10 || value < -(wide_max / 10)) return false;
  value *= 10;
  return true;
}

// How many digits |value| has; 0 has none.
int digit_count(Wide value) {
  int count = 0;
  for (; value != 0; value /= 10) ++count;
  return count;
}

std::string digits_of(Wide value) {
  std::string text;
  for (; value != 0; value /= 10) {
    const int digit = static_cast<int>(value % 10);
    text += static_cast<char>('0' + (digit < 0 ? -digit : digit));
  }
  std::reverse(text.begin(), text.end());
  return text;
}

void normalise(Wide& coefficient, std::int32_t& exponent) {
  if (coefficient == 0) {
    exponent = 0;
    return;
  }
  while (coefficient % 10 == 0) {
    coefficient /= 10;
    ++exponent;
  }
}

}  // namespace

Result<Decimal> Decimal::parse(std::string_view text) {
  const auto refused = [&](Code code, const char* why) {
    return fail(code, "\"" + std::string{text.substr(0, 80)} + "\" " + why);
  };
  std::size_t at = 0;
  const bool negative = at < text.size() && text[at] == '-';
  if (negative) ++at;
  Decimal result;
  bool fraction = false;
  std::size_t digits = 0;
  std::int32_t zeros = 0;  // read, and not yet multiplied in: they may be trailing ones
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !fraction && digits > 0) {
      fraction = true;
      digits = 0;
      continue;
    }
    if (c < '0' || c > '9') break;
    ++digits;
    if (fraction) --result.exponent_;
    if (c == '0') {
      ++zeros;
      continue;
    }
    for (; zeros > 0; --zeros) {
      if (!times_ten(result.coefficient_)) return refused(Code::overflow, "has too many digits");
    }
    if (!times_ten(result.coefficient_) || result.coefficient_ > wide_max - (c - '0')) {
      return refused(Code::overflow, "has too many digits");
    }
    result.coefficient_ += c - '0';
  }
  if (digits == 0) return refused(Code::invalid, "is no number");
  result.exponent_ += zeros;
  if (at < text.size()) {
    if (text[at] != 'e' && text[at] != 'E') return refused(Code::invalid, "is no number");
    ++at;
    if (at + 1 < text.size() && text[at] == '+' && text[at + 1] != '-') ++at;
    std::int32_t exponent = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, status] = std::from_chars(text.data() + at, end, exponent);
    if (status == std::errc::result_out_of_range && stop == end) {
      if (result.coefficient_ == 0) return Decimal{};
      return refused(Code::overflow, "is out of range");
    }
    if (status != std::errc{} || stop != end) return refused(Code::invalid, "is no number");
    if (result.coefficient_ != 0 && (exponent > exponent_max || exponent < -exponent_max)) {
      return refused(Code::overflow, "is out of range");
    }
    result.exponent_ += exponent;
  }
  if (negative) result.coefficient_ = -result.coefficient_;
  normalise(result.coefficient_, result.exponent_);
  return result;
}

Decimal Decimal::from_integer(std::int64_t value) {
  Decimal result;
  result.coefficient_ = value;
  normalise(result.coefficient_, result.exponent_);
  return result;
}

Result<Decimal> Decimal::plus(const Decimal& other) const {
  if (is_zero()) return other;
  if (other.is_zero()) return *this;
  const Decimal& coarse = exponent_ > other.exponent_ ? *this : other;
  const Decimal& fine = exponent_ > other.exponent_ ? other : *this;
  Wide scaled = coarse.coefficient_;
  Decimal sum;
  sum.exponent_ = fine.exponent_;
  for (std::int32_t exponent = coarse.exponent_; exponent > fine.exponent_; --exponent) {
    if (!times_ten(scaled)) return fail(Code::overflow, "the sum has more digits than can be held");
  }
  // The least number of the type has no counterpart, and could not be negated.
  if (__builtin_add_overflow(scaled, fine.coefficient_, &sum.coefficient_) ||
      sum.coefficient_ < -wide_max) {
    return fail(Code::overflow, "the sum has more digits than can be held");
  }
  normalise(sum.coefficient_, sum.exponent_);
  return sum;
}

Decimal Decimal::negated() const {
  Decimal result = *this;
  result.coefficient_ = -result.coefficient_;
  return result;
}

std::string Decimal::to_string() const {
  if (is_zero()) return "0";
  std::string digits = digits_of(coefficient_);
  if (exponent_ >= 0) {
    digits.append(static_cast<std::size_t>(exponent_), '0');
  } else {
    const auto places = static_cast<std::size_t>(-exponent_);
    if (digits.size() <= places) digits.insert(0, places - digits.size() + 1, '0');
    digits.insert(digits.size() - places, ".");
  }
  return is_negative() ? "-" + digits : digits;
}

std::strong_ordering operator<=>(const Decimal& left, const Decimal& right) {
  const auto sign = [](const Decimal& d) { return d.is_zero() ? 0 : d.is_negative() ? -1 : 1; };
  if (sign(left) != sign(right)) return sign(left) <=> sign(right);
  if (left.is_zero()) return std::strong_ordering::equal;
  // Of the same sign: the place of the leading digit decides, else the digits themselves.
  const auto magnitude = [](const Decimal& d) { return digit_count(d.coefficient_) + d.exponent_; };
  std::strong_ordering order = magnitude(left) <=> magnitude(right);
  if (order == 0) order = digits_of(left.coefficient_) <=> digits_of(right.coefficient_);
  return left.is_negative() ? 0 <=> order : order;
}

}  // namespace agentstore
