#include "agentstore/decimal.hpp"

#include <charconv>
#include <utility>

#include "base/wide.hpp"

namespace agentstore {
namespace {

constexpr std::int32_t exponent_max = 100'000;
constexpr std::int64_t quotient_digits_max = 1000;

std::unexpected<Error> too_long(const char* what) {
  return fail(Code::overflow, std::string{what} + " has more digits than can be held");
}

// The first `steps` digits of a quotient, by long division of `digits` and the zeros behind them.
// The last one is not the end: where digits other than zero follow, a 0 or 5 becomes 1 or 6, so
// that it says how to round.
std::string long_division(std::string_view digits, std::size_t steps, const Wide& divisor) {
  std::string quotient = "0";
  Wide rest{};
  for (std::size_t i = 0; i < steps; ++i) {
    append_digit(rest, i < digits.size() ? static_cast<unsigned>(digits[i] - '0') : 0);
    char digit = '0';
    for (; compare(rest, divisor) >= 0; ++digit) subtract(rest, divisor);
    quotient += digit;
  }
  const bool more = !is_zero(rest) || steps < digits.size();  // The last of `digits` is no zero.
  if (more && (quotient.back() == '0' || quotient.back() == '5')) ++quotient.back();
  return quotient;
}

// Drops the last digit and rounds, half to even.
void round_last(std::string& digits) {
  const char last = digits.back();
  digits.pop_back();
  const bool odd = (digits.back() - '0') % 2 == 1;
  if (last < '5' || (last == '5' && !odd)) return;
  std::size_t at = digits.size() - 1;
  while (digits[at] == '9') digits[at--] = '0';  // It begins with a 0.
  ++digits[at];
}

}  // namespace

void Decimal::normalise() {
  if (is_zero()) {
    exponent_ = 0;
    negative_ = false;
    return;
  }
  for (Wide shorter = magnitude_; drop_digit(shorter) == 0; magnitude_ = shorter) ++exponent_;
}

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
    for (; zeros > 0 && fits(result.magnitude_); --zeros) append_digit(result.magnitude_, 0);
    if (fits(result.magnitude_)) append_digit(result.magnitude_, static_cast<unsigned>(c - '0'));
    if (!fits(result.magnitude_)) return refused(Code::overflow, "has too many digits");
  }
  if (digits == 0) return refused(Code::invalid, "is not a number");
  result.exponent_ += zeros;
  if (at < text.size()) {
    if (text[at] != 'e' && text[at] != 'E') return refused(Code::invalid, "is not a number");
    ++at;
    if (at + 1 < text.size() && text[at] == '+' && text[at + 1] != '-') ++at;
    std::int32_t exponent = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, status] = std::from_chars(text.data() + at, end, exponent);
    if (status == std::errc::result_out_of_range && stop == end) {
      if (result.is_zero()) return Decimal{};
      return refused(Code::overflow, "is out of range");
    }
    if (status != std::errc{} || stop != end) return refused(Code::invalid, "is not a number");
    if (!result.is_zero() && (exponent > exponent_max || exponent < -exponent_max)) {
      return refused(Code::overflow, "is out of range");
    }
    result.exponent_ += exponent;
  }
  result.negative_ = negative;
  result.normalise();
  return result;
}

Decimal Decimal::from_integer(std::int64_t value) {
  Decimal result;
  const auto bits = static_cast<std::uint64_t>(value);
  result.negative_ = value < 0;
  result.magnitude_[0] = value < 0 ? 0 - bits : bits;
  result.normalise();
  return result;
}

Result<Decimal> Decimal::plus(const Decimal& other) const {
  if (is_zero()) return other;
  if (other.is_zero()) return *this;
  const Decimal& fine = exponent_ > other.exponent_ ? other : *this;
  Decimal sum = exponent_ > other.exponent_ ? *this : other;
  for (; sum.exponent_ > fine.exponent_ && fits(sum.magnitude_); --sum.exponent_) {
    append_digit(sum.magnitude_, 0);
  }
  if (!fits(sum.magnitude_)) return too_long("the sum");
  if (sum.negative_ == fine.negative_) {
    add(sum.magnitude_, fine.magnitude_);
    if (!fits(sum.magnitude_)) return too_long("the sum");
  } else if (compare(sum.magnitude_, fine.magnitude_) >= 0) {
    subtract(sum.magnitude_, fine.magnitude_);
  } else {
    const Wide less = std::exchange(sum.magnitude_, fine.magnitude_);
    subtract(sum.magnitude_, less);
    sum.negative_ = fine.negative_;
  }
  sum.normalise();
  return sum;
}

Decimal Decimal::negated() const {
  Decimal result = *this;
  result.negative_ = !negative_ && !is_zero();
  return result;
}

Result<Decimal> Decimal::times(const Decimal& factor) const {
  Decimal product;
  if (!multiply(magnitude_, factor.magnitude_, product.magnitude_)) return too_long("the product");
  product.exponent_ = exponent_;
  product.negative_ = negative_ != factor.negative_;
  product.normalise();
  return product.shifted(factor.exponent_);
}

Result<Decimal> Decimal::shifted(int places) const {
  if (is_zero()) return *this;
  const std::int64_t exponent = std::int64_t{exponent_} + places;
  if (exponent > exponent_max || exponent < -exponent_max)
    return fail(Code::overflow, "the product is out of range");
  Decimal result = *this;
  result.exponent_ = static_cast<std::int32_t>(exponent);
  return result;
}

Result<Decimal> Decimal::divided_by(const Decimal& divisor, int places) const {
  if (divisor.is_zero()) return fail(Code::invalid, "a division by 0");
  const std::string digits = digits_of(magnitude_);
  // How many digits stand before the last place that is kept, and one for the rounding.
  const std::int64_t steps =
      static_cast<std::int64_t>(digits.size()) + exponent_ - divisor.exponent_ + places + 1;
  if (steps > quotient_digits_max) return too_long("the quotient");
  if (is_zero() || steps <= 0) return Decimal{};
  std::string quotient = long_division(digits, static_cast<std::size_t>(steps), divisor.magnitude_);
  round_last(quotient);
  auto result =
      parse((negative_ != divisor.negative_ ? "-" : "") + quotient + "e" + std::to_string(-places));
  return result ? result : too_long("the quotient");
}

std::string Decimal::to_string() const {
  if (is_zero()) return "0";
  std::string digits = digits_of(magnitude_);
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
  const std::string digits = digits_of(left.magnitude_);
  const std::string others = digits_of(right.magnitude_);
  const auto place = [](const std::string& of, const Decimal& d) {
    return static_cast<std::int64_t>(of.size()) + d.exponent_;
  };
  std::strong_ordering order = place(digits, left) <=> place(others, right);
  if (order == 0) order = digits <=> others;
  return left.is_negative() ? 0 <=> order : order;
}

}  // namespace agentstore
