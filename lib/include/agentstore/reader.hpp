// Readers: the events of a session in order, by batch, in memory that does not grow with the log.

#pragma once

#include <chrono>
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
#include "agentstore/verification.hpp"

namespace agentstore {

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

/// A cursor over a session's events. For one thread at a time; many readers may read one session,
/// while it is written. A reader sees the log as it was when it was opened, whole writes only. It
/// may outlive the store that it was opened by, and goes on where that is closed; what
/// ReadOptions::upcasts points to has to outlive it.
///   const auto reader = store.read(id).value();
///   for_each_event(*reader, [](const EventView& event) { use(event.type, event.payload); });
class EventReader {
 public:
  virtual ~EventReader() = default;

  /// The next events that pass the filter; empty at the end. Views live until the next call.
  /// Blocks for reading. Errors: io; corrupt (strict mode), naming log, line and byte.
  virtual Result<std::span<const EventView>> next() = 0;

  /// After the end: looks whether the log has grown. True: `next` gives what is new, and nothing
  /// that it gave before, even where the file was replaced meanwhile. Readers of standard input and
  /// of many sessions do not grow. Errors: io; corrupt, where events that were given are gone.
  virtual Result<bool> poll() = 0;

  /// After the end: asks poll until the log has grown, for `duration` at the most; false: it
  /// has not. Blocks. Errors: as poll.
  Result<bool> wait_for(std::chrono::milliseconds duration);

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
