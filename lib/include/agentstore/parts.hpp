// Reading by parts: a long log is cut where lines end, and every core takes its share. For answers
// that can be put together: counts, sums, lines of text.

#pragma once

#include <functional>
#include <memory>
#include <span>

#include "agentstore/event.hpp"
#include "agentstore/reader.hpp"
#include "agentstore/result.hpp"

namespace agentstore {

/// What becomes of events that follow one another. Used by one thread at a time, for one stretch
/// of events after the other.
class Part {
 public:
  virtual ~Part() = default;
  /// Empties the part: other events follow.
  virtual void restart() = 0;
  /// Takes the next events, in sequence order. The views live until it returns. Errors end the
  /// reading, after the parts before this one were joined.
  virtual Result<void> take(std::span<const EventView> events) = 0;
};

enum class Joined {
  taken,   ///< it is in the answer
  again,   ///< it does not fit behind the parts before: make another of the same events
  enough,  ///< nothing behind it is wanted
};

/// How much of an event is looked at. `Store::verify` checks everything; a reader in order, which
/// short logs have, all but the hashes.
enum class Depth {
  whole,     ///< all of its JSON
  envelope,  ///< all but the JSON of the payload
  ends,      ///< number, type, links and end of the line: of the event, session_id,
             ///< sequence_number, type, hash, line and offset_bytes are set, the rest may not be
};

/// Before an error that tells of damage, events of the damaged write may have been given.
struct Parts {
  /// Makes a part. Called by any thread, by several at once.
  std::function<std::unique_ptr<Part>()> make;
  /// Takes the parts in order of their events, in the thread that asked for the reading. A part
  /// that is made once more is always taken.
  std::function<Joined(Part& part)> join;
  /// Of the events that a filter by type leaves out only the ends are looked at.
  Depth depth = Depth::whole;
};

/// Gives what a reader has left to parts, a batch each. Errors: as EventReader::next and
/// Part::take.
Result<ReadReport> read_parts(EventReader& reader, const Parts& parts);

}  // namespace agentstore
