// Drafts: events to be, one a line of JSON; and their acknowledgements.

#pragma once

#include <string>
#include <string_view>

#include "agentstore/append.hpp"
#include "agentstore/event.hpp"
#include "agentstore/result.hpp"

namespace agentstore::cmd {

/// Reads {"type","payload"?,"metadata"?,"event_id"?,"timestamp"?}; any other key is refused.
/// Payload and metadata are taken as they are; the store checks what they hold.
Result<Draft> parse_draft(std::string_view line);

/// The acknowledgement of an event, as a line.
std::string receipt_line(const Receipt& receipt);

}  // namespace agentstore::cmd
