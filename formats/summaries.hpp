// The summaries of single types. Each gives an empty text where the event does not have the shape
// that it looks for.

#pragma once

#include <cstddef>
#include <string>

#include "agentstore/event.hpp"

namespace agentstore::formats {

std::string tool_call_summary(const EventView& event, std::size_t columns);
std::string tool_result_summary(const EventView& event, std::size_t columns);
std::string llm_summary(const EventView& event, std::size_t columns);
/// What an error object, or the payload of an error event, says.
std::string failure_text(std::string_view failure, std::size_t columns);

}  // namespace agentstore::formats
