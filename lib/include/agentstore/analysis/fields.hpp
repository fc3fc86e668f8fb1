// Fields: a state seen as flat names and values, for expressions and comparisons.

#pragma once

#include <functional>
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

/// A field of two objects; nothing where one of them lacks it.
struct FieldPair {
  std::string name;
  std::string pointer;
  std::optional<std::string_view> first;
  std::optional<std::string_view> second;
};

/// The fields of both, those of the first in front. An empty object beside one with members is no
/// field. The views live as long as the objects.
std::vector<FieldPair> paired_fields(std::string_view first, std::string_view second);

/// Takes a field that differs; false: that was enough.
using UseFieldPair = std::function<bool(const FieldPair&)>;

/// Gives those of the paired fields whose values differ, one at a time: those of the first in its
/// order, then those that only the second has. Memory: none for the fields where both have their
/// members in one order, else 16 bytes a member.
void for_each_changed_field(std::string_view first, std::string_view second,
                            const UseFieldPair& use);

}  // namespace agentstore
