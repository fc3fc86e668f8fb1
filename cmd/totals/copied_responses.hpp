// Responses that are in more than one session: a tool that resumed a session may have copied its
// history under a new id. What they used was used once.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agentstore/event.hpp"

namespace agentstore::cmd {

class CopiedResponses {
 public:
  /// Whether the event is of a response that another session told of before; if not, what to
  /// remember it by goes to `keys`. A response is known by `message_id` and `request_id` in its
  /// metadata's `extra`; without them it is nobody's copy. Threads may ask side by side.
  bool is_copy(const EventView& event, std::string_view extra,
               std::vector<std::uint64_t>& keys) const;
  /// Takes in what a session told of.
  void remember(std::span<const std::uint64_t> keys, std::string_view session_id);

 private:
  std::unordered_map<std::uint64_t, std::uint64_t> session_of_;  // both as hashes
};

}  // namespace agentstore::cmd
