// The summaries of single types. Each adds nothing where the event does not have the shape that it
// looks for.

#pragma once

#include <cstddef>

#include "agentstore/event.hpp"
#include "agentstore/json.hpp"
#include "formats/text/line.hpp"

namespace agentstore::formats {

void add_tool_call(Line& line, const EventView& event, std::size_t columns);
void add_tool_result(Line& line, const EventView& event, std::size_t columns, bool failed);
void add_llm_turn(Line& line, const EventView& event, std::size_t columns);
/// What an error object, or the payload of an error event, says.
void add_failure(Line& line, const json::Value& failure, std::size_t columns);
/// What any object or array says: its words, else its members. Other JSON as it is written.
void add_record(Line& line, const json::Value& record, std::size_t columns);

}  // namespace agentstore::formats
