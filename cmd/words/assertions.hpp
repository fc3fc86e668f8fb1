// Assertions: expressions that have to be true, or the command ends with exit status 1.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "agentstore/analysis/expression.hpp"
#include "agentstore/analysis/fields.hpp"
#include "cmd/context.hpp"

namespace agentstore::cmd {

class Assertions {
 public:
  /// `flag` is for messages. Errors: as Expression::parse.
  static Result<Assertions> parse(const std::vector<std::string>& texts, std::string flag);

  /// The names that they ask for.
  std::vector<std::string> names() const;

  /// What is not true of the fields, with the values; empty where all is well.
  /// Errors: as Expression::is_true.
  Result<std::vector<std::string>> failures(std::span<const Field> fields);

 private:
  std::string flag_;
  std::vector<Expression> expressions_;
};

}  // namespace agentstore::cmd
