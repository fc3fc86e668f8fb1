// Exact decimals: money and costs go from JSON text to JSON text without passing through a double.

#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"

namespace agentstore {

/// A decimal number: a coefficient of up to 75 digits, times ten to a power.
/// Arithmetic is exact, or Code::overflow.
class Decimal {
 public:
  Decimal() = default;

  /// Reads a JSON number token ("12", "-0.05", "1e-7"), to the last digit.
  static Result<Decimal> parse(std::string_view text);
  static Decimal from_integer(std::int64_t value);

  Result<Decimal> plus(const Decimal& other) const;
  Result<Decimal> minus(const Decimal& other) const { return plus(other.negated()); }
  Decimal negated() const;
  Result<Decimal> times(const Decimal& factor) const;
  /// Times ten to the power of `places`: the point moves to the right, or to the left.
  Result<Decimal> shifted(int places) const;
  /// The quotient rounded to `places` digits behind the point, half to even.
  /// Errors: invalid (a divisor of 0), overflow.
  Result<Decimal> divided_by(const Decimal& divisor, int places) const;

  bool is_zero() const { return magnitude_ == std::array<std::uint64_t, 4>{}; }
  bool is_negative() const { return negative_; }

  /// A JSON number token with all its digits and no exponent: "0.0126", "-12".
  std::string to_string() const;

  friend bool operator==(const Decimal&, const Decimal&) = default;
  /// Orders by value; exact for every pair.
  friend std::strong_ordering operator<=>(const Decimal& left, const Decimal& right);

 private:
  void normalise();

  // Normalised: no trailing zero in the magnitude; 0 has exponent 0 and is not negative. So equal
  // values are equal members.
  std::array<std::uint64_t, 4> magnitude_{};  // of 252 bits, the least significant part first
  std::int32_t exponent_ = 0;
  bool negative_ = false;
};

}  // namespace agentstore
