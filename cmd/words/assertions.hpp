// Assertions: conditions that have to be met, or the command ends with exit status 1.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/expression.hpp"
#include "agentstore/analysis/fields.hpp"
#include "cmd/context.hpp"
#include "cmd/options.hpp"

namespace agentstore::cmd {

/// Whether the expression's last answer, which was `is_true`, meets the condition; NULL does not.
bool is_met(const Condition& condition, const Expression& expression, bool is_true);

/// What an answer is that does not meet it: "not true"; of --fail-on "true", or "not false".
const char* fault(const Condition& condition, const Expression& expression);

/// A condition, prepared.
class Assertion {
 public:
  /// Errors: as Expression::parse, naming the flag.
  static Result<Assertion> parse(Condition condition);

  const Condition& condition() const { return condition_; }
  const Expression& expression() const { return expression_; }
  std::span<const std::string> names() const { return expression_.names(); }

  /// Whether it is met; see Expression::is_true. Errors: those of it, naming the flag.
  Result<bool> is_met(std::span<const Field> fields);
  Result<bool> is_met(std::span<const std::optional<std::string_view>> values);

  /// After it was not met: "not true: cost_usd <= 0.5 (cost_usd = 0.71)".
  std::string failure() const;

  /// An error about this condition.
  std::unexpected<Error> error(Error error) const;

 private:
  Assertion(Condition condition, Expression expression);

  Condition condition_;
  Expression expression_;
};

class Assertions {
 public:
  /// Errors: as Assertion::parse.
  static Result<Assertions> parse(const std::vector<Condition>& conditions);

  /// The names that they ask for.
  std::vector<std::string> names() const;

  /// What is not met by the fields, with the values; empty where all is well.
  /// Errors: as Assertion::is_met.
  Result<std::vector<std::string>> failures(std::span<const Field> fields);

 private:
  std::vector<Assertion> all_;
};

}  // namespace agentstore::cmd
