#include "query/numbers.hpp"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>

#include "agentstore/json.hpp"

namespace agentstore {
namespace {

constexpr double integer_bound = 9223372036854775808.0;  // 2^63: the first that does not fit

std::string shortest(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return error == std::errc{} ? std::string(text, end) : std::string{};
}

/// An integral value becomes an INTEGER, so that equal numbers are one.
Number settled(double value) {
  if (value == std::trunc(value) && value >= -integer_bound && value < integer_bound)
    return static_cast<std::int64_t>(value);
  return value;
}

Decimal decimal_of(const Number& number) {
  if (const auto* const integer = std::get_if<std::int64_t>(&number))
    return Decimal::from_integer(*integer);
  return Decimal::parse(shortest(std::get<double>(number))).value_or(Decimal{});
}

double real_of(const Number& number) {
  return std::visit([](auto value) { return static_cast<double>(value); }, number);
}

Result<Number> not_exact(std::string_view token) {
  return fail(Code::overflow, "the number " + std::string{token.substr(0, 80)} +
                                  " has more digits than an expression can hold exactly");
}

Result<Number> held_exactly(std::string_view token, const Decimal& decimal) {
  double value = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (error != std::errc{} || end != token.data() + token.size()) return not_exact(token);
  if (const auto again = Decimal::parse(shortest(value)); again && *again == decimal)
    return settled(value);
  if (const auto integer = json::integer_of(decimal.to_string())) return *integer;
  return not_exact(token);
}

/// Fifteen digits are what a double keeps of every decimal.
Result<Number> rounded(double value, const char* what) {
  if (!std::isfinite(value))
    return fail(Code::overflow, std::string{"a "} + what + " is too large");
  char text[32];
  const int length = std::snprintf(text, sizeof text, "%.15g", value);
  const std::string_view digits{text, static_cast<std::size_t>(length)};
  const auto decimal = Decimal::parse(digits);
  return decimal ? held_exactly(digits, *decimal) : not_exact(digits);
}

}  // namespace

Result<Number> exact_number(std::string_view token) {
  if (const auto integer = json::integer_of(token)) return *integer;
  const auto decimal = Decimal::parse(token);
  if (!decimal && decimal.error().code == Code::invalid) return std::unexpected{decimal.error()};
  return decimal ? held_exactly(token, *decimal) : not_exact(token);
}

std::string to_string(const Number& number) {
  return decimal_of(number).to_string();
}

std::strong_ordering compare(const Number& left, const Number& right) {
  if (left.index() != right.index()) return decimal_of(left) <=> decimal_of(right);
  if (left.index() == 0) return std::get<0>(left) <=> std::get<0>(right);
  return std::get<1>(left) < std::get<1>(right)   ? std::strong_ordering::less
         : std::get<1>(left) > std::get<1>(right) ? std::strong_ordering::greater
                                                  : std::strong_ordering::equal;
}

Result<Number> sum_of(const Number& left, const Number& right) {
  const auto* const a = std::get_if<std::int64_t>(&left);
  const auto* const b = std::get_if<std::int64_t>(&right);
  std::int64_t integer = 0;
  if (a != nullptr && b != nullptr && !__builtin_add_overflow(*a, *b, &integer)) return integer;
  const auto sum = decimal_of(left).plus(decimal_of(right));
  if (!sum) return fail(Code::overflow, "a sum has more digits than an expression can hold");
  return held_exactly(sum->to_string(), *sum);
}

Result<Number> difference_of(const Number& left, const Number& right) {
  const auto* const a = std::get_if<std::int64_t>(&left);
  const auto* const b = std::get_if<std::int64_t>(&right);
  std::int64_t integer = 0;
  if (a != nullptr && b != nullptr && !__builtin_sub_overflow(*a, *b, &integer)) return integer;
  const auto sum = decimal_of(left).plus(decimal_of(right).negated());
  if (!sum) return fail(Code::overflow, "a difference has more digits than an expression can hold");
  return held_exactly(sum->to_string(), *sum);
}

Result<Number> product_of(const Number& left, const Number& right) {
  const auto* const a = std::get_if<std::int64_t>(&left);
  const auto* const b = std::get_if<std::int64_t>(&right);
  if (a == nullptr || b == nullptr) return rounded(real_of(left) * real_of(right), "product");
  std::int64_t integer = 0;
  if (__builtin_mul_overflow(*a, *b, &integer))
    return fail(Code::overflow, "the product of " + std::to_string(*a) + " and " +
                                    std::to_string(*b) + " is too large");
  return integer;
}

Result<Number> quotient_of(const Number& left, const Number& right) {
  return rounded(real_of(left) / real_of(right), "quotient");
}

}  // namespace agentstore
