// Grep: a regular expression over what an event says.

#pragma once

#include <functional>
#include <string_view>

#include "agentstore/event.hpp"
#include "agentstore/result.hpp"
#include "cmd/words/raw_filter.hpp"

namespace agentstore::cmd {

/// A predicate that is true where `pattern` (RE2) matches the event's type, its payload or its
/// metadata, as JSON text in which the escapes of strings are resolved. A pattern without a capital
/// letter ignores case. Errors: invalid, saying what is wrong with the pattern.
Result<std::function<bool(const EventView&)>> make_grep(std::string_view pattern);

/// What the raw bytes of another tool's file hold where such an event is made of it: takes all
/// where that cannot be told. Errors: as make_grep.
Result<RawFilter> raw_filter_of_grep(std::string_view pattern);

}  // namespace agentstore::cmd
