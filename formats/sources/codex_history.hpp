// The history that a forked or spawned Codex session begins with: a copy of its parent's records,
// with their own times or with that of the copy. It ends where the session's own first turn starts.

#pragma once

#include <optional>
#include <string>

#include "agentstore/timestamp.hpp"
#include "formats/sources/codex_record.hpp"

namespace agentstore::formats {

class CodexHistory {
 public:
  enum class Place {
    own,        ///< of the session itself
    copied,     ///< of the history
    undecided,  ///< what comes later tells: to be held until then
  };

  /// The file's first session_meta.
  void begin(const json::Value& meta, std::optional<Timestamp> at);

  /// Of the next record. It may decide on those that are held, too.
  struct Decision {
    Place place = Place::own;
    std::optional<Place> held;  ///< what the records before it are that were undecided
  };
  Decision place_of(const CodexRecord& record);
  /// No more can be held, or the file has ended: what is held is the session's own.
  void settle();

 private:
  enum class State { none, copying, turn_started, pause };

  Decision while_copying(const CodexRecord& record);
  Decision after_turn_start(const CodexRecord& record);
  Decision after_pause(const CodexRecord& record);
  Decision at_turn_start(const CodexRecord& record, std::optional<Place> held);
  bool is_other_meta(const CodexRecord& record) const;
  bool is_older_turn(const CodexRecord& record) const;
  bool is_before_start(const CodexRecord& record) const;
  bool pauses(const CodexRecord& record) const;

  State state_ = State::none;
  std::string id_;
  bool spawned_only_ = false;  // no record says yet that something was copied
  bool tells_turns_ = true;    // versions before that wrote no start of a turn
  std::optional<Timestamp> start_at_;
  std::optional<Timestamp> last_at_;  // of the records since the start
  std::optional<Timestamp> turn_at_;  // of the last turn that may be the session's own
};

}  // namespace agentstore::formats
