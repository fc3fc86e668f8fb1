// Differences of figures: exact, and only of numbers.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace agentstore::formats {

/// `to` - `from`, both JSON values, as a JSON number with all its digits; nothing where one is no
/// number, or where a Decimal cannot hold it.
std::optional<std::string> difference_of(std::string_view from, std::string_view to);

/// The same for people, with its sign: "+340.55", "-1", "0"; "-" where there is none.
std::string difference_text(std::string_view from, std::string_view to);

}  // namespace agentstore::formats
