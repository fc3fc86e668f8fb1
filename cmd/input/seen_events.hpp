// A session that lies in several files: which of their events are the same. Records have ids, of
// their own or of what they hold and how often, so that copies of files, whole or in part, give the
// same events.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "agentstore/event.hpp"

namespace agentstore::cmd {

class SeenEvents {
 public:
  /// Whether an event was not there before. One that has the id of another and tells something
  /// else is new: its id is changed. One whose payload was redacted is not new, whatever it tells.
  bool take(Draft& draft);
  /// One that is there.
  void remember(const EventView& event);
  /// One of a session that tells the same records, and may number their events otherwise: where it
  /// was redacted, no event of its record is new.
  void remember_record(const EventView& event);
  bool any_redacted() const { return !redacted_.empty() || !redacted_records_.empty(); }
  /// The payloads that `take` did not take because they were redacted.
  const std::vector<std::string>& redacted_payloads() const { return redacted_payloads_; }

 private:
  bool is_redacted(const std::string& event_id) const;

  /// As hashes.
  struct Content {
    std::uint64_t words = 0;
    std::uint64_t all = 0;
  };
  std::unordered_map<std::string, Content> content_;  // by id
  std::unordered_set<std::string> redacted_;          // ids without what tells contents apart
  std::unordered_set<std::string> redacted_records_;  // the beginnings of such ids
  std::vector<std::string> redacted_payloads_;
};

}  // namespace agentstore::cmd
