// How many lines an edit changes.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agentstore/event.hpp"

namespace agentstore::formats {

/// Lines that an edit adds and takes away, as far as the call tells.
struct EditSize {
  std::uint64_t added = 0;
  std::uint64_t removed = 0;
};
std::optional<EditSize> edit_size_of(const EventView& call);
/// "+3 −1"
std::string edit_text(const EditSize& size);

}  // namespace agentstore::formats
