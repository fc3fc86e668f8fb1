// Names in double quotes where a text was meant, as in `type = "error"`.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"

namespace agentstore::cmd {

/// "a text stands in single quotes: 'error'" where `expression` has `name` in double quotes, and it
/// is no name that needs them; else empty.
std::string quotes_hint(std::string_view name, std::string_view expression);

/// Gives an error of the same expression that hint, where one of its names, which no projection
/// has, calls for it.
Error with_quotes_hint(Error error, std::span<const std::string> names,
                       std::string_view expression);

}  // namespace agentstore::cmd
