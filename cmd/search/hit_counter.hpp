// Hits of one session, added up as its events are read.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agentstore/event.hpp"
#include "cmd/input/event_spill.hpp"
#include "cmd/words/search_terms.hpp"
#include "formats/answers/find.hpp"

namespace agentstore::cmd {

/// Used by one thread at a time.
class HitCounter {
 public:
  /// Takes an event of the session, which is a hit if it has one of the words. `number_known`: its
  /// sequence number is that in the session.
  void take(const EventQuestions& questions, const EventView& event, bool number_known = true);
  /// Adds those of later events of the session.
  void merge(HitCounter later);

  /// After the last event: finds the text of the best hit. Once is enough.
  void finish(const EventQuestions& questions);

  bool any() const { return found_.hits > 0; }
  /// The words that its hits have, a bit for each.
  std::uint64_t words() const { return words_; }
  const formats::FoundSession& found() const { return found_; }
  formats::FoundSession& found() { return found_; }
  /// Of another tool's: where the session's records lie, in order.
  std::vector<std::string> files = {};

 private:
  formats::FoundSession found_;
  std::uint64_t words_ = 0;
  int best_rank_ = 0;                       // the lower the better
  std::unique_ptr<OwnedEvent> best_event_;  // until its text is found
  bool newest_known_ = false;               // some hit's record told its time itself
};

}  // namespace agentstore::cmd
