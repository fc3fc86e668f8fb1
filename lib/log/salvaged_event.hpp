// What becomes of an event that a salvage found: the parts of its new line, which has to be in the
// form that a sealed line has, whatever the old one held. Nothing of the event is dropped.

#pragma once

#include <string>

#include "log/line.hpp"

namespace agentstore::log {

struct SalvagedEvent {
  std::string type;
  std::string metadata;
  std::string payload;
};

/// `fits`: the line has the seal that it says, or never had one. Else its metadata says so, under
/// "salvaged", and it does not speak for the store: an event of one of our types becomes a custom
/// one. What may not be stored where it was is kept in the metadata, as "salvaged_type" and
/// "salvaged_metadata".
SalvagedEvent salvaged_event(const Line& line, bool fits);

}  // namespace agentstore::log
