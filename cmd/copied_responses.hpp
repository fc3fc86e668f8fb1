// Responses that stand in more than one session: a tool that resumed a session may have copied its
// history under a new id. What they used was used once.

#pragma once

#include <cstdint>
#include <unordered_map>

#include "agentstore/event.hpp"

namespace agentstore::cmd {

class CopiedResponses {
 public:
  /// Whether the event is of a response that another session told of before. A response is known by
  /// `message_id` and `request_id` in its metadata's `extra`; without them it is nobody's copy.
  bool is_copy(const EventView& event);
  /// How many events were copies.
  std::uint64_t events() const { return events_; }

 private:
  std::unordered_map<std::uint64_t, std::uint64_t> session_of_;  // both as hashes
  std::uint64_t events_ = 0;
};

}  // namespace agentstore::cmd
