// Numbers as SQLite holds them, without a digit lost: an INTEGER, or a REAL whose shortest decimal
// is the number that was written.

#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "agentstore/decimal.hpp"
#include "agentstore/result.hpp"

namespace agentstore {

using Number = std::variant<std::int64_t, double>;

/// Errors: invalid (no number); overflow (neither holds it exactly).
Result<Number> exact_number(std::string_view token);

std::string to_string(const Number& number);
std::strong_ordering compare(const Number& left, const Number& right);

// Errors: overflow.
Result<Number> sum_of(const Number& left, const Number& right);
Result<Number> difference_of(const Number& left, const Number& right);
/// Of integers exact; otherwise rounded to 15 digits.
Result<Number> product_of(const Number& left, const Number& right);
/// Rounded to 15 digits; `right` is not 0.
Result<Number> quotient_of(const Number& left, const Number& right);

}  // namespace agentstore
