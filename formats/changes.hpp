// Changes: what events did to a state.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "agentstore/event.hpp"
#include "agentstore/fields.hpp"

namespace agentstore::formats {

/// {"sequence_number","type","timestamp","changes":[{"field","pointer","before","after"}]}, without
/// a newline; a side that lacks the field is null.
std::string changes_json(const EventView& event, const std::vector<FieldPair>& changes);

/// "balance 4.80 -> -0.20", printable.
std::string change_text(const FieldPair& change, std::size_t columns);

}  // namespace agentstore::formats
