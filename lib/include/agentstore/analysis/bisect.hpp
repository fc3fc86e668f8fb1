// Bisecting: at which event the answer to a question about a session's state changed.

#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/event_name.hpp"
#include "agentstore/projection.hpp"
#include "agentstore/reader.hpp"
#include "agentstore/result.hpp"

namespace agentstore {

/// A change of the answer.
struct Flip {
  std::uint64_t sequence_number = 0;  ///< the event after which it is another
  bool answer = false;
};

/// Every change, from the empty state to the last event.
struct Flips {
  bool at_start = false;     ///< the answer before the first event
  std::vector<Flip> flips;   ///< the first thousand
  std::uint64_t count = 0;   ///< of all of them
  std::uint64_t events = 0;  ///< that were folded
  std::vector<FoldNote> notes;
  ReadReport report;
};

/// Asked of the states of the projections, in their order, after an event; 0: before the first.
using StateQuestion =
    std::function<Result<bool>(std::uint64_t sequence_number, std::span<const std::string> states)>;

/// Asks after each event: an answer may change more than once. Memory does not grow with the log.
/// Errors: as reading and folding; what `question` refuses, naming the event.
Result<Flips> find_flips(const EventSource& source, std::string_view session_id,
                         std::span<const ProjectionFactory> projections,
                         const StateQuestion& question, OnCorrupt on_corrupt = OnCorrupt::strict,
                         const EventNaming& name = nullptr);

/// What a trial of a state came to.
enum class Trial { good, bad, skip };
using StateTrial = std::function<Result<Trial>(std::uint64_t sequence_number,
                                               std::span<const std::string> states)>;

/// Where states turn from good to bad: behind `last_good`, at `first_bad` at the latest.
struct TurningPoint {
  bool bad = false;  ///< off: the newest state is good, and nothing was searched
  std::uint64_t last_good = 0;
  std::uint64_t first_bad = 0;
  std::uint64_t trials = 0;
  std::vector<std::uint64_t> skipped;  ///< ascending; the event may be one of them
  std::uint64_t events = 0;
  std::vector<FoldNote> notes;
  ReadReport report;
};

/// Tries the newest state, then halves what is left, as `git bisect` does: for trials that are too
/// dear to be done after each event. The empty state is taken to be good. Reads the log about
/// twice. Memory: 8 bytes for each event. Errors: as find_flips; invalid (the newest state was
/// skipped).
Result<TurningPoint> find_turning_point(const EventSource& source, std::string_view session_id,
                                        std::span<const ProjectionFactory> projections,
                                        const StateTrial& trial,
                                        OnCorrupt on_corrupt = OnCorrupt::strict,
                                        const EventNaming& name = nullptr);

}  // namespace agentstore
