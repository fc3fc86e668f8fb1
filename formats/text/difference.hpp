// Differences of figures: exact, and only of numbers.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace agentstore::formats {

/// `to` - `from`, both JSON values, as a JSON number with all its digits; nothing where one is no
/// number, or where a Decimal cannot hold it.
std::optional<std::string> difference_of(std::string_view from, std::string_view to);

/// The same for people, with its sign: "+340.55", "-1", "0"; "-" where there is none.
std::string difference_text(std::string_view from, std::string_view to);

/// Digits after the point of a number, 0 of anything else.
std::size_t places_of(std::string_view value);
/// A number with so many digits after the point, at least, so that a column or a row lines up;
/// anything else as it is.
std::string with_places(std::string value, std::size_t places);

}  // namespace agentstore::formats
