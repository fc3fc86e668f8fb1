// Expressions: SQL over flat names, true or false of one state or one event.
//
//   auto budget = agentstore::Expression::parse("cost_usd <= 0.50 AND errors = 0");
//   budget->is_true(agentstore::fields_of(state.json));
//
// SQLite evaluates them; what it would get wrong without a word is defined more strictly:
// - A number is an INTEGER, or a REAL whose shortest decimal is the number as it was written;
//   one that is neither is refused, in a field and in the expression.
// - `+` and `-` are exact in decimals, or refused: 0.1 + 0.2 = 0.3. Products of integers are exact
//   or refused; other products, and quotients (1 / 2 is 0.5), are rounded to 15 digits.
// - A number and a text are not compared: that is NULL, as with a NULL. number('0.50') reads one.
// - Two texts that are both RFC 3339 times are compared as instants.
// - Where a truth is wanted, a number or a text is refused: `errors` is no boolean, `errors > 0`
// is.
// - Comparisons do not chain. There are no tables, no parameters, no comments.
// A name with other signs than letters, digits and _ stands in double quotes: "by_asset_US.D".

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agentstore/analysis/fields.hpp"
#include "agentstore/result.hpp"

namespace agentstore {

/// An expression, prepared once to be asked often. Movable; one thread at a time.
class Expression {
 public:
  /// Errors: invalid (it does not parse, with the place and the reason; it is no boolean; a number
  /// that cannot be held exactly).
  static Result<Expression> parse(std::string_view text);

  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;
  ~Expression();

  /// As it was written.
  const std::string& text() const;

  /// The fields that it reads, each once; upper and lower case count.
  std::span<const std::string> names() const;

  /// Whether it is true of these fields; NULL is false.
  /// Errors: invalid (no such field, naming the nearest; two fields of that name; a field that is
  /// no boolean where a truth is wanted; a number that cannot be held exactly).
  Result<bool> is_true(std::span<const Field> fields);
  /// The same, with the JSON values of names() in their order; nothing is NULL.
  Result<bool> is_true(std::span<const std::optional<std::string_view>> values);

  /// Whether the last answer was NULL: neither true nor false.
  bool was_null() const;
  /// What the last call read, for messages: `cost_usd = 0.71, errors = null`. Long values are cut.
  std::string used() const;

 private:
  struct Impl;
  explicit Expression(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace agentstore
