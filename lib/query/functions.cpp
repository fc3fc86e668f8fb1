#include "query/functions.hpp"

#include <sqlite3.h>

#include <optional>
#include <string>

#include "agentstore/timestamp.hpp"
#include "query/grammar.hpp"
#include "query/numbers.hpp"

namespace agentstore {
namespace {

std::optional<Number> number_of(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER: return sqlite3_value_int64(value);
    case SQLITE_FLOAT: return sqlite3_value_double(value);
    default: return std::nullopt;
  }
}

std::string_view text_of(sqlite3_value* value) {
  const auto* const text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return {text == nullptr ? "" : text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

void give(sqlite3_context* context, const Result<Number>& result) {
  if (!result) sqlite3_result_error(context, result.error().message.c_str(), -1);
  else if (result->index() == 0) sqlite3_result_int64(context, std::get<0>(*result));
  else sqlite3_result_double(context, std::get<1>(*result));
}

/// Where either side is NULL or a text, so is the result: NULL.
template <auto operation>
void calculate(sqlite3_context* context, int, sqlite3_value** values) {
  const auto left = number_of(values[0]);
  const auto right = number_of(values[1]);
  if (left && right) give(context, operation(*left, *right));
}

/// SQL divides by nothing without a word: NULL.
void divide(sqlite3_context* context, int, sqlite3_value** values) {
  const auto left = number_of(values[0]);
  const auto right = number_of(values[1]);
  if (left && right && compare(*right, std::int64_t{0}) != 0)
    give(context, quotient_of(*left, *right));
}

void remain(sqlite3_context* context, int, sqlite3_value** values) {
  const auto left = number_of(values[0]);
  const auto right = number_of(values[1]);
  if (!left || !right || compare(*right, std::int64_t{0}) == 0) return;
  const auto* const dividend = std::get_if<std::int64_t>(&*left);
  const auto* const divisor = std::get_if<std::int64_t>(&*right);
  if (dividend == nullptr || divisor == nullptr)
    sqlite3_result_error(context, "% is for whole numbers", -1);
  else sqlite3_result_int64(context, *divisor == -1 ? 0 : *dividend % *divisor);
}

/// Two texts that are both times are compared as instants: "…00Z" and "…00.000+00:00" are one.
std::strong_ordering compare_texts(std::string_view left, std::string_view right) {
  const auto may_be_time = [](std::string_view text) {
    return text.size() >= 20 && text[4] == '-' && text[7] == '-' && text[13] == ':';
  };
  if (may_be_time(left) && may_be_time(right)) {
    const auto from = parse_rfc3339(left);
    const auto to = parse_rfc3339(right);
    if (from && to) return *from <=> *to;
  }
  return left <=> right;
}

/// -1, 0 or 1; NULL where the two are not of one kind.
void compare_values(sqlite3_context* context, int, sqlite3_value** values) {
  const auto left = number_of(values[0]);
  const auto right = number_of(values[1]);
  const auto is_text = [&](int i) { return sqlite3_value_type(values[i]) == SQLITE_TEXT; };
  std::strong_ordering order = std::strong_ordering::equal;
  if (left && right) order = compare(*left, *right);
  else if (is_text(0) && is_text(1)) order = compare_texts(text_of(values[0]), text_of(values[1]));
  else return;
  sqlite3_result_int(context, order < 0 ? -1 : order > 0 ? 1 : 0);
}

void truth(sqlite3_context* context, int, sqlite3_value** values) {
  if (sqlite3_value_type(values[0]) == SQLITE_NULL) return;
  const auto number = number_of(values[0]);
  if (number && (*number == Number{std::int64_t{0}} || *number == Number{std::int64_t{1}}))
    return sqlite3_result_value(context, values[0]);
  const std::string shown = number ? to_string(*number) : "a text";
  sqlite3_result_error(
      context, ("a function gave " + shown + ", which is neither true nor false").c_str(), -1);
}

void read_number(sqlite3_context* context, int, sqlite3_value** values) {
  if (number_of(values[0])) return sqlite3_result_value(context, values[0]);
  if (sqlite3_value_type(values[0]) != SQLITE_TEXT) return;
  const auto number = exact_number(text_of(values[0]));
  if (number || number.error().code != Code::invalid) give(context, number);
}

}  // namespace

bool add_functions(sqlite3* connection) {
  constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  const auto add = [&](const char* name, int arguments,
                       void (*function)(sqlite3_context*, int, sqlite3_value**)) {
    return sqlite3_create_function_v2(connection, name, arguments, flags, nullptr, function,
                                      nullptr, nullptr, nullptr) == SQLITE_OK;
  };
  return add(sum_function, 2, calculate<sum_of>) &&
         add(difference_function, 2, calculate<difference_of>) &&
         add(product_function, 2, calculate<product_of>) && add(quotient_function, 2, divide) &&
         add(remainder_function, 2, remain) && add(compare_function, 2, compare_values) &&
         add(truth_function, 1, truth) && add(number_function, 1, read_number);
}

}  // namespace agentstore
