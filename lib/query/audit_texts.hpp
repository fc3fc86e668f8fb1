// The files of lib/query/rules, compiled in.

#pragma once

#include <span>
#include <string_view>

namespace agentstore::sql {

/// Each whole, in the order of the list in lib/CMakeLists.txt; live for ever.
std::span<const std::string_view> audit_texts();

}  // namespace agentstore::sql
