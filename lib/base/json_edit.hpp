// JSON text, changed in one place: what is not named stays as it was written, to the digit.
// Pointers are taken apart into their reference tokens.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json_pointer.hpp"

namespace agentstore::json {

/// `object` with a member set: in the place of the one that is there, else as the last; objects on
/// the way to it are made. Nothing where something on the way is no object. At least one token.
std::optional<std::string> with_member(std::string_view object, std::span<const std::string> tokens,
                                       std::string_view value);
/// The same with the member left out. It has to be there.
std::optional<std::string> without_member(std::string_view object,
                                          std::span<const std::string> tokens);
/// The same with the member under another name, in its place. It has to be there.
std::optional<std::string> with_renamed_member(std::string_view object,
                                               std::span<const std::string> tokens,
                                               std::string_view name);

}  // namespace agentstore::json
