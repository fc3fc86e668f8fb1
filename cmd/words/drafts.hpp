// Drafts: events to be, one a line of JSON; and their acknowledgements.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agentstore/append.hpp"
#include "agentstore/event.hpp"
#include "agentstore/result.hpp"
#include "cmd/options.hpp"
#include "cmd/times.hpp"

namespace agentstore::cmd {

/// Reads {"type","payload"?,"metadata"?,"event_id"?,"timestamp"?}; any other key is refused.
/// Payload and metadata are taken as they are; the store checks what they hold.
Result<Draft> parse_draft(std::string_view line);

/// Of what the draft says; its session and number are left open. Views of `draft`.
EventView view_of(const Draft& draft);

/// What flags give an event; of one that is absent nothing changes. Errors: invalid.
Result<void> read_flags(const EventFlags& flags, const Zone& zone, std::string& event_id,
                        std::optional<Timestamp>& timestamp);

/// The acknowledgement of an event, as a line.
std::string receipt_line(const Receipt& receipt);

}  // namespace agentstore::cmd
