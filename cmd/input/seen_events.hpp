// A session that lies in several files: which of their events are the same. Records have ids, of
// their own or of what they hold and how often, so that copies of files, whole or in part, give the
// same events.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "agentstore/event.hpp"

namespace agentstore::cmd {

class SeenEvents {
 public:
  /// Whether an event was not there before. One that has the id of another and tells something
  /// else is new: its id is changed.
  bool take(Draft& draft);
  /// One that is there.
  void remember(const EventView& event);

 private:
  /// As hashes.
  struct Content {
    std::uint64_t words = 0;
    std::uint64_t all = 0;
  };
  std::unordered_map<std::string, Content> content_;  // by id
};

}  // namespace agentstore::cmd
