// The events that an extract of a log does not have, in words and in JSON.

#pragma once

#include <string>

#include "agentstore/reader.hpp"

namespace agentstore::formats {

/// "7 events are absent (#1-#4, #6, #9 and more)".
std::string absent_text(const Absent& absent);

/// {"events":7,"ranges":[[1,4],[6,6]]}; of the ranges, the first hundred.
std::string absent_json(const Absent& absent);

}  // namespace agentstore::formats
