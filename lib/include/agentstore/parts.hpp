// Reading by parts: a long log is cut where lines end, and every core takes its share. For answers
// that can be put together: counts, sums, lines of text.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agentstore/event.hpp"
#include "agentstore/reader.hpp"
#include "agentstore/result.hpp"

namespace agentstore {

/// What becomes of events that follow one another. Used by one thread at a time, for one chunk of
/// events after the other. What `take` throws ends the reading, and reaches whoever asked for it.
///
///   struct Count final : Part {
///     void restart() override { events = 0; }
///     Result<void> take(std::span<const EventView> some) override { events += some.size(); return
///     {}; } std::size_t events = 0;
///   };
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

/// What the parts of a whole log came to, written down for whoever reads the same bytes again: a
/// store keeps it in its cache, and checks that the log is as it was. Where it has only grown, the
/// parts of what was added are joined with the text that was taken.
struct CachedAggregate {
  std::string name;     ///< [a-z]+; empty: nothing is kept
  std::string version;  ///< another one for whatever would give another text of the same events
  /// Takes a text that `give` gave, in the place of all that was taken or joined before. False: it
  /// is of no use, nothing was taken, and the log is read; so for an empty one.
  std::function<bool(std::string_view text)> take = nullptr;
  /// Asked when all parts were joined. Nothing, where the answer depends on more than this log.
  std::function<std::optional<std::string>()> give = nullptr;
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
  CachedAggregate cached_aggregate = {};
};

/// Gives what a reader has left to parts, a batch each. Errors: as EventReader::next and
/// Part::take.
Result<ReadReport> read_parts(EventReader& reader, const Parts& parts);

}  // namespace agentstore
