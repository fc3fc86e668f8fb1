// Expressions over states: the first line is an expression, what follows it a state. What can be
// read never reaches SQLite as an error of syntax, and is answered alike each time.

#include <string>

#include "agentstore/analysis/expression.hpp"
#include "agentstore/json.hpp"
#include "fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace agentstore;
  const std::string_view input = fuzz::text_of(data, size);
  const auto text = input.substr(0, input.find('\n'));
  const auto state = input.substr(std::min(text.size() + 1, input.size()));
  auto expression = Expression::parse(text);
  if (!expression) {
    fuzz::require(expression.error().code == Code::invalid, "a refusal is about the input");
    // SQLite names what it cannot read by `near "…"`; a message of ours may quote the input.
    const std::string& message = expression.error().message;
    fuzz::require(!message.starts_with("the expression cannot be evaluated: near"),
                  "our grammar refuses what SQLite cannot read");
    return 0;
  }
  if (json::check(state, json::rules_to_read)) return 0;
  const auto fields = fields_of(state);
  const auto first = expression->is_true(fields);
  const bool was_null = expression->was_null();
  const auto second = expression->is_true(fields);
  fuzz::require(first.has_value() == second.has_value(), "an answer is an answer again");
  if (!first) return 0;
  fuzz::require(*first == *second && was_null == expression->was_null(), "and the same one");
  fuzz::require(!(was_null && *first), "NULL is not true");
  return 0;
}
