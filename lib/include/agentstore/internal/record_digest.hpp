// What a record of another tool is called that has no id of its own.

#pragma once

#include <string>
#include <string_view>

namespace agentstore {

/// 32 hex digits, the same on every machine; no protection against those who want two alike.
std::string record_digest(std::string_view record);

/// Events of a record without an id are named so, with digits of its digest after it.
inline constexpr std::string_view record_id_start = "line-";

}  // namespace agentstore
