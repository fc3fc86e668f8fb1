// Summaries: what a person looks for in an event, in part of a line.

#pragma once

#include <cstddef>
#include <string>

#include "agentstore/event.hpp"
#include "formats/text/line.hpp"

namespace agentstore::formats {

/// The words of a message, the steps of a plan, a tool and its arguments, how a tool ended, a
/// model with its tokens and cost, the amount and asset of a payment, the keys of a state change;
/// else the start of the payload. Printable, and cut to `columns`. Amounts are shown in the digits
/// that the event has. Reads no more of long texts than it shows.
std::string summary(const EventView& event, std::size_t columns);
/// Adds it to a line; `tool_failed` is what is_tool_error says of the event.
void add_summary(Line& line, const EventView& event, std::size_t columns, bool tool_failed);

/// What a payment was for: "blackjack b-1". Printable; empty where the payload does not say.
std::string payment_subject(const EventView& event, std::size_t columns);

}  // namespace agentstore::formats
