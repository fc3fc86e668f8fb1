// What depends on events that were left out: by causation id, by the id of the tool call that it
// answers, by the id of the bet.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "agentstore/event.hpp"

namespace agentstore {

/// Remembers what was left out, in the order of the log. Memory: its ids.
class Dependents {
 public:
  /// How `event` hangs on an event that was left out.
  struct Link {
    std::string how;  ///< "answers a dropped call (call-1 of #3)"
  };
  std::optional<Link> link_of(const EventView& event) const;

  /// `event` is left out.
  void leave_out(const EventView& event);

 private:
  std::map<std::string, std::uint64_t> events_;  // event ids
  std::map<std::string, std::uint64_t> calls_;
  std::map<std::string, std::uint64_t> bets_;
};

}  // namespace agentstore
