// Grammar: from the text of an expression to a statement for SQLite, in which every field and every
// literal is a parameter. So nothing of the text reaches SQLite but its structure.

#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agentstore/result.hpp"
#include "query/numbers.hpp"

namespace agentstore {

/// A field that an expression reads.
struct Reference {
  std::string name;
  bool as_truth = false;  ///< somewhere it stands alone, where a truth is wanted
};

/// What a parameter stands for; a number is an index of `Prepared::references`.
using Parameter = std::variant<std::size_t, Number, std::string>;

struct Prepared {
  std::string sql;
  std::vector<Reference> references;
  std::vector<Parameter> parameters;  ///< ?1 is the first
};

// The functions that the statement calls, beside SQLite's own.
inline constexpr const char* compare_function = "agentstore_compare";
inline constexpr const char* truth_function = "agentstore_truth";
inline constexpr const char* sum_function = "agentstore_sum";
inline constexpr const char* difference_function = "agentstore_difference";
inline constexpr const char* product_function = "agentstore_product";
inline constexpr const char* quotient_function = "agentstore_quotient";
inline constexpr const char* remainder_function = "agentstore_remainder";
inline constexpr const char* number_function = "number";

/// Errors: invalid, with the place and the reason.
Result<Prepared> prepare_expression(std::string_view text);

}  // namespace agentstore
