// Exact decimals: money and costs go from JSON text to JSON text without passing through a double.

#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"

namespace agentstore {

__extension__ using WideInteger = __int128;

/// A decimal number: a coefficient of up to 38 digits, times ten to a power.
/// Arithmetic is exact, or Code::overflow.
class Decimal {
 public:
  Decimal() = default;

  /// Reads a JSON number token ("12", "-0.05", "1e-7"), to the last digit.
  static Result<Decimal> parse(std::string_view text);
  static Decimal from_integer(std::int64_t value);

  Result<Decimal> plus(const Decimal& other) const;
  Decimal negated() const;

  bool is_zero() const { return coefficient_ == 0; }
  bool is_negative() const { return coefficient_ < 0; }

  /// A JSON number token with all its digits and no exponent: "0.0126", "-12".
  std::string to_string() const;

  friend bool operator==(const Decimal&, const Decimal&) = default;
  /// Orders by value; exact for every pair.
  friend std::strong_ordering operator<=>(const Decimal& left, const Decimal& right);

 private:
  // Normalised: no trailing zero in the coefficient; 0 has exponent 0. So equal values are equal
  // members.
  WideInteger coefficient_ = 0;
  std::int32_t exponent_ = 0;
};

}  // namespace agentstore
