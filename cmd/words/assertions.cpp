#include "cmd/words/assertions.hpp"

#include <algorithm>
#include <utility>

#include "cmd/time_limit.hpp"
#include "cmd/words/quoted_names.hpp"

namespace agentstore::cmd {
namespace {

std::unexpected<Error> under(const std::string& flag, Error error) {
  error.message = flag + ": " + error.message;
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

Result<Assertions> Assertions::parse(const std::vector<std::string>& texts, std::string flag) {
  Assertions assertions;
  assertions.flag_ = std::move(flag);
  for (const std::string& text : texts) {
    auto expression = Expression::parse(text);
    if (!expression) return under(assertions.flag_, expression.error());
    assertions.expressions_.push_back(std::move(*expression));
  }
  return assertions;
}

std::vector<std::string> Assertions::names() const {
  std::vector<std::string> all;
  for (const Expression& one : expressions_)
    all.insert(all.end(), one.names().begin(), one.names().end());
  return all;
}

Result<std::vector<std::string>> Assertions::failures(std::span<const Field> fields) {
  std::vector<std::string> failures;
  for (Expression& expression : expressions_) {
    const LimitedWork limited{flag_.c_str()};
    const auto holds = expression.is_true(fields);
    if (!holds) return under(flag_, with_hint(holds.error(), expression, fields));
    if (*holds) continue;
    std::string failure = "not true: " + expression.text();
    if (const std::string used = expression.used(); !used.empty()) failure += " (" + used + ")";
    // NULL is neither true nor false; it must not pass for want of a value.
    if (expression.was_null())
      failure += ": it is NULL, for want of a value, or for comparing a number with a text";
    failures.push_back(std::move(failure));
  }
  return failures;
}

}  // namespace agentstore::cmd
