#include "cmd/words/assertions.hpp"

#include <algorithm>
#include <utility>

#include "cmd/time_limit.hpp"
#include "cmd/words/quoted_names.hpp"

namespace agentstore::cmd {
namespace {

std::unexpected<Error> about(const Condition& condition, Error error) {
  error.message = std::string{condition.flag()} + ": " + error.message;
  return std::unexpected{std::move(error)};
}

/// A name in double quotes that no field has may be a text.
Error with_hint(Error error, const Expression& expression, std::span<const Field> fields) {
  for (const std::string& name : expression.names()) {
    if (std::ranges::find(fields, name, &Field::name) != fields.end()) continue;
    if (std::string hint = quotes_hint(name, expression.text()); !hint.empty())
      error.hint = std::move(hint);
  }
  return error;
}

}  // namespace

bool is_met(const Condition& condition, const Expression& expression, bool is_true) {
  return condition.must_be_false ? !is_true && !expression.was_null() : is_true;
}

const char* fault(const Condition& condition, const Expression& expression) {
  if (!condition.must_be_false) return "not true";
  return expression.was_null() ? "not false" : "true";
}

Assertion::Assertion(Condition condition, Expression expression)
    : condition_{std::move(condition)}, expression_{std::move(expression)} {}

Result<Assertion> Assertion::parse(Condition condition) {
  auto expression = Expression::parse(condition.text);
  if (!expression) return about(condition, expression.error());
  return Assertion{std::move(condition), std::move(*expression)};
}

Result<bool> Assertion::is_met(std::span<const Field> fields) {
  const LimitedWork limited{condition_.flag()};
  auto is_true = expression_.is_true(fields);
  if (!is_true) return error(with_hint(is_true.error(), expression_, fields));
  return cmd::is_met(condition_, expression_, *is_true);
}

Result<bool> Assertion::is_met(std::span<const std::optional<std::string_view>> values) {
  const LimitedWork limited{condition_.flag()};
  const auto is_true = expression_.is_true(values);
  if (!is_true) return error(is_true.error());
  return cmd::is_met(condition_, expression_, *is_true);
}

std::string Assertion::failure() const {
  const std::string used = expression_.used();
  return std::string{fault(condition_, expression_)} + ": " + expression_.text() +
         (used.empty() ? "" : " (" + used + ")");
}

std::unexpected<Error> Assertion::error(Error error) const {
  return about(condition_, std::move(error));
}

Result<Assertions> Assertions::parse(const std::vector<Condition>& conditions) {
  Assertions assertions;
  for (const Condition& condition : conditions) {
    auto one = Assertion::parse(condition);
    if (!one) return std::unexpected{one.error()};
    assertions.all_.push_back(std::move(*one));
  }
  return assertions;
}

std::vector<std::string> Assertions::names() const {
  std::vector<std::string> all;
  for (const Assertion& one : all_) all.insert(all.end(), one.names().begin(), one.names().end());
  return all;
}

Result<std::vector<std::string>> Assertions::failures(std::span<const Field> fields) {
  std::vector<std::string> failures;
  for (Assertion& one : all_) {
    const auto met = one.is_met(fields);
    if (!met) return std::unexpected{met.error()};
    if (*met) continue;
    failures.push_back(one.failure());
    // NULL is neither true nor false; it must not pass for want of a value.
    if (one.expression().was_null())
      failures.back() += ": it is NULL, for want of a value, or for comparing a number with a text";
  }
  return failures;
}

}  // namespace agentstore::cmd
