// The validator, for those who keep what it has read.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agentstore/json.hpp"

namespace agentstore::json {

/// As `check`, and then as `compact`, whose walk is spared where there is nothing to drop: `out` is
/// the text without insignificant white space. On an error `out` stays as it was.
std::optional<SyntaxError> check_and_compact(std::string_view text, const Rules& rules,
                                             std::string& out);

/// As `check`, and without white space between its tokens.
std::optional<SyntaxError> check_compact(std::string_view text, const Rules& rules);

}  // namespace agentstore::json
