// Which values of an object are fields, and which only hold some.

#pragma once

#include <string_view>

#include "agentstore/json.hpp"

namespace agentstore {

inline constexpr int field_levels_max = 32;  // what lies deeper is one value

/// Whether a value at this level is an object whose members are fields, and no field itself.
inline bool has_fields(std::string_view value, int level) {
  return level < field_levels_max && json::kind_of(value) == json::Kind::object &&
         json::Walk{value}.next();
}

}  // namespace agentstore
