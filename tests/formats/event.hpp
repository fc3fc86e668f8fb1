// Events made by hand.

#pragma once

#include "agentstore/event.hpp"

namespace agentstore::formats {

inline EventView event_of(std::string_view type, std::string_view payload,
                          std::string_view metadata = "{}") {
  EventView event;
  event.session_id = "s";
  event.sequence_number = 1;
  event.type = type;
  event.payload = payload;
  event.metadata = metadata;
  return event;
}

}  // namespace agentstore::formats
