#include "query/sql_functions.hpp"

#include <sqlite3.h>

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "agentstore/decimal.hpp"
#include "agentstore/json.hpp"
#include "query/numbers.hpp"

namespace agentstore::sql {
namespace {

constexpr std::size_t shown_bytes_max = 60;

void refuse(sqlite3_context* context, const std::string& why) {
  sqlite3_result_error(context, why.c_str(), -1);
}

std::string_view text_of(sqlite3_value* value) {
  const auto* const text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return {text == nullptr ? "" : text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

/// Nothing, and says why, where a value is no decimal.
std::optional<Decimal> decimal_of(sqlite3_context* context, sqlite3_value* value) {
  if (sqlite3_value_type(value) == SQLITE_INTEGER)
    return Decimal::from_integer(sqlite3_value_int64(value));
  const bool real = sqlite3_value_type(value) == SQLITE_FLOAT;
  const std::string text =
      real ? to_string(Number{sqlite3_value_double(value)}) : std::string{text_of(value)};
  auto decimal = Decimal::parse(text);
  if (decimal) return *decimal;
  refuse(context, '"' + text.substr(0, shown_bytes_max) + "\" is not a decimal");
  return std::nullopt;
}

bool any_null(int count, sqlite3_value** values) {
  for (int i = 0; i < count; ++i)
    if (sqlite3_value_type(values[i]) == SQLITE_NULL) return true;
  return false;
}

void give(sqlite3_context* context, const Result<Decimal>& decimal) {
  if (!decimal) return refuse(context, "a decimal has more than 75 digits");
  const std::string text = decimal->to_string();
  sqlite3_result_text(context, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

void decimal_add(sqlite3_context* context, int count, sqlite3_value** values) {
  if (any_null(count, values)) return;
  Decimal sum;
  for (int i = 0; i < count; ++i) {
    const auto one = decimal_of(context, values[i]);
    if (!one) return;
    const auto more = sum.plus(*one);
    if (!more) return give(context, more);
    sum = *more;
  }
  give(context, sum);
}

void decimal_cmp(sqlite3_context* context, int count, sqlite3_value** values) {
  if (any_null(count, values)) return;
  const auto left = decimal_of(context, values[0]);
  if (!left) return;
  const auto right = decimal_of(context, values[1]);
  if (!right) return;
  const auto order = *left <=> *right;
  sqlite3_result_int(context, order < 0 ? -1 : order > 0 ? 1 : 0);
}

/// As SQLite makes it: of zero bytes, which is the sum of nothing.
struct Sum {
  Decimal sum;
  std::int64_t values;
  bool too_large;
};
static_assert(std::is_trivially_copyable_v<Sum>);

Sum* sum_of(sqlite3_context* context) {
  return static_cast<Sum*>(sqlite3_aggregate_context(context, sizeof(Sum)));
}

void change_sum(sqlite3_context* context, sqlite3_value* value, bool add) {
  if (sqlite3_value_type(value) == SQLITE_NULL) return;
  const auto one = decimal_of(context, value);
  Sum* const sum = sum_of(context);
  if (!one || sum == nullptr) return;
  sum->values += add ? 1 : -1;
  const auto more = add ? sum->sum.plus(*one) : sum->sum.minus(*one);
  if (more) sum->sum = *more;
  else sum->too_large = true;
}

void step(sqlite3_context* context, int, sqlite3_value** values) {
  change_sum(context, values[0], true);
}

void step_back(sqlite3_context* context, int, sqlite3_value** values) {
  change_sum(context, values[0], false);
}

void give_sum(sqlite3_context* context) {
  const Sum* const sum = sum_of(context);
  if (sum == nullptr || sum->values == 0) return;
  if (sum->too_large) return refuse(context, "decimal_sum: the sum has more than 75 digits");
  give(context, sum->sum);
}

SqlValue value_of(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER: return std::int64_t{sqlite3_value_int64(value)};
    case SQLITE_FLOAT: return sqlite3_value_double(value);
    case SQLITE_TEXT: return text_of(value);
    case SQLITE_BLOB:
      return SqlBlob{{static_cast<const char*>(sqlite3_value_blob(value)),
                      static_cast<std::size_t>(sqlite3_value_bytes(value))}};
    default: return std::monostate{};
  }
}

void call_function(sqlite3_context* context, int count, sqlite3_value** values) {
  const auto& function = *static_cast<const SqlFunction*>(sqlite3_user_data(context));
  std::vector<SqlValue> arguments;
  for (int i = 0; i < count; ++i) arguments.push_back(value_of(values[i]));
  const auto answer = function.call(arguments);
  if (!answer) return refuse(context, answer.error().message);
  if (const auto* const number = std::get_if<std::int64_t>(&*answer))
    sqlite3_result_int64(context, *number);
  else if (const auto* const text = std::get_if<std::string>(&*answer))
    sqlite3_result_text64(context, text->data(), text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

}  // namespace

bool add_functions(sqlite3* connection, std::span<const SqlFunction> functions) {
  constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  for (const SqlFunction& function : functions)
    if (sqlite3_create_function_v2(connection, function.name.c_str(), function.arguments, flags,
                                   const_cast<SqlFunction*>(&function), call_function, nullptr,
                                   nullptr, nullptr) != SQLITE_OK)
      return false;
  return true;
}

bool add_decimal_functions(sqlite3* connection) {
  constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  return sqlite3_create_function_v2(connection, "decimal_add", -1, flags, nullptr, decimal_add,
                                    nullptr, nullptr, nullptr) == SQLITE_OK &&
         sqlite3_create_function_v2(connection, "decimal_cmp", 2, flags, nullptr, decimal_cmp,
                                    nullptr, nullptr, nullptr) == SQLITE_OK &&
         sqlite3_create_window_function(connection, "decimal_sum", 1, flags, nullptr, step,
                                        give_sum, give_sum, step_back, nullptr) == SQLITE_OK;
}

}  // namespace agentstore::sql
