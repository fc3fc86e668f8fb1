// Fields: a state seen as flat names and values, for expressions and comparisons.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agentstore {

/// `by_asset_BTC`, and the JSON token of its value: a scalar, an array or an empty object.
struct Field {
  std::string name;
  std::string_view value;
  std::string pointer;  ///< RFC 6901: `/by_asset/BTC`
};

/// The members of an object, nested ones (down to 32 levels) under names joined by `_`, in the
/// order of the text.
/// The views live as long as `object`.
std::vector<Field> fields_of(std::string_view object);

/// The value that stands in an object under such a name, of several the last; or nothing. A view
/// into `object`. It may be an object itself.
std::optional<std::string_view> find_field(std::string_view object, std::string_view name);

}  // namespace agentstore
