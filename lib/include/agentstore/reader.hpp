// Readers: the events of a session in order, by batch, in memory that does not grow with the log.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "agentstore/event.hpp"
#include "agentstore/filter.hpp"
#include "agentstore/result.hpp"
#include "agentstore/upcast.hpp"

namespace agentstore {

/// What a log turned out to be. Readers see damage to a line's syntax, its envelope, its place in
/// the sequence and its link to the line before, and compute the hashes of what they read, unless
/// ReadOptions::seals says otherwise.
enum class Verdict {
  clean = 0,
  unsealed = 1,   ///< clean as far as can be seen: nothing in it is sealed
  in_flight = 2,  ///< ends in a write whose writer is still at work
  torn = 3,       ///< ends in a write that was cut off; the next append repairs it
  damaged = 4,    ///< bad bytes with good events after them
  lost = 5,       ///< shorter than, or different from, a checkpoint
  extract = 6,    ///< outside a store: valid events of a log, and not all of them
};
std::string_view to_string(Verdict verdict);

/// Sequence numbers, both ends included.
struct SequenceRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  friend bool operator==(const SequenceRange&, const SequenceRange&) = default;
};

/// The events of a log that an extract does not have, as far as its own events tell: those before
/// its last one, and the rest of the write that this one is part of.
struct Absent {
  std::uint64_t events = 0;
  std::vector<SequenceRange> ranges;  ///< the first hundred
};

/// One thing that is wrong with a log.
struct Finding {
  std::string kind;        ///< one word, stable: syntax, sequence, session, chain, seal, batch…
  std::uint64_t line = 0;  ///< from 1
  std::uint64_t offset_bytes = 0;
  std::uint64_t sequence_number = 0;  ///< 0: not known
  std::string message;
};

/// What to do at damage in the middle of a log.
enum class OnCorrupt {
  strict,  ///< give the events before it, then fail with Code::corrupt
  prefix,  ///< give the events before it, and end; the report has the finding
  skip,    ///< give every event that can be read; the report has the findings
};

/// What a reader learnt of its log. Complete once the reader has come to the end.
struct ReadReport {
  Verdict verdict = Verdict::clean;
  std::uint64_t events = 0;    ///< events read, before any filter
  std::uint64_t unsealed = 0;  ///< of them, those without a seal
  std::uint64_t last_sequence_number = 0;
  std::uint64_t end_offset_bytes = 0;  ///< where the last whole write ends
  std::vector<Finding> findings;       ///< the first thousand
  std::uint64_t finding_count = 0;
  std::string log_name;  ///< the file's path, for messages
  Absent absent = {};    ///< with Verdict::extract
  /// Whether the hash of every sealed line that was read was computed anew.
  bool seals_checked = true;
};

/// Which seals a reader checks: an edited payload has the seal of another one.
enum class Seals {
  all,         ///< those of every line that it reads: for whatever is decided on the answer
  short_logs,  ///< of logs of up to 64 MiB alone: for looking at long ones fast
};
inline constexpr std::uint64_t short_log_bytes_max = std::uint64_t{64} << 20;

struct ReadOptions {
  Filter filter = {};
  OnCorrupt on_corrupt = OnCorrupt::strict;
  /// Applied before the filter. Null: those of the store, where it has some. Has to live as long as
  /// the reader.
  const Upcasts* upcasts = nullptr;
  /// Events as they were stored, whatever upcasts there are.
  bool raw = false;
  Seals seals = Seals::all;
};

/// A cursor over a session's events. Not thread-safe; many readers may read one session, while it
/// is written. A reader sees the log as it was when it was opened, whole writes only.
class EventReader {
 public:
  virtual ~EventReader() = default;

  /// The next events that pass the filter; empty at the end. Views live until the next call.
  /// Blocks for reading. Errors: io; corrupt (strict mode), naming log, line and byte.
  virtual Result<std::span<const EventView>> next() = 0;

  /// After the end: looks whether the log has grown. True: `next` gives what is new, and nothing
  /// that it gave before, even where the file was replaced meanwhile. Readers of standard input and
  /// of many sessions do not grow. Errors: io; corrupt, where events that were given are gone.
  virtual Result<bool> look_again() = 0;

  virtual const ReadReport& report() const = 0;
};

/// Gives every event that `reader` has left to `take`, in order; the views live as long as that
/// call. `take` returns nothing, or a Result<void>: one that fails ends the reading, and is the
/// answer. Blocks for reading. Errors: as EventReader::next; those of `take`.
template <class Take>
Result<void> for_each_event(EventReader& reader, Take take) {
  for (;;) {
    const auto batch = reader.next();
    if (!batch) return std::unexpected(batch.error());
    if (batch->empty()) return {};
    for (const EventView& event : *batch) {
      if constexpr (std::is_void_v<std::invoke_result_t<Take&, const EventView&>>) {
        take(event);
      } else if (auto taken = take(event); !taken) {
        return taken;
      }
    }
  }
}

/// Opens the events of a session; may be called several times.
using EventSource = std::function<Result<std::unique_ptr<EventReader>>(ReadOptions)>;

/// Opens `source`, and gives every event to `take`, as above; what the reader learnt.
/// Errors: those of opening; as above.
template <class Take>
Result<ReadReport> for_each_event(const EventSource& source, ReadOptions options, Take take) {
  const auto reader = source(std::move(options));
  if (!reader) return std::unexpected(reader.error());
  if (auto done = for_each_event(**reader, take); !done) return std::unexpected(done.error());
  return (*reader)->report();
}

}  // namespace agentstore
