// JSON pointers (RFC 6901), the one place that takes them apart and follows them.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/json.hpp"

namespace agentstore::json {

/// A pointer's reference tokens, "~1" and "~0" resolved; nothing where `text` is not a pointer
/// ("" is one, and has none).
std::optional<std::vector<std::string>> pointer_tokens(std::string_view text);

/// Adds a member's name to a pointer, as a token.
void append_pointer(std::string& pointer, std::string_view key);

/// The value that a pointer's tokens lead to, through objects and arrays. A view into `value`.
std::optional<Value> find_at(const Value& value, std::span<const std::string> tokens);

}  // namespace agentstore::json
