// Calls that wait for their results: which call a result answers, and which calls were in flight
// together. Tools that run side by side end in any order, which says nothing about a run.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agentstore/event.hpp"
#include "replay/align.hpp"

namespace agentstore {

/// Give it the events of one session in their order. Memory: up to 1024 open calls (older ones are
/// taken to have no result), and 40 bytes for each call since the last message that was in flight
/// with another one.
class InFlight {
 public:
  struct Call {
    std::uint64_t sequence_number = 0;
    std::string tool;
    std::vector<std::string> ids;  ///< its event id, too
    Fingerprint print{};           ///< as it was given
    std::size_t group = 0;         ///< the same for calls that were in flight together
    bool shared = false;           ///< whether there was another one
    std::uint64_t ordinal = 0;     ///< of those shared since the last message, with this print
  };

  /// A person said something: no call is waited for any longer.
  void message();
  /// A call begins. `print` stands for it in comparisons.
  const Call& open(const EventView& call, const Fingerprint& print = {});
  /// The call that a result answers, which is not open any more: by the id of the call, by the
  /// event that caused it, else the oldest open call of its tool. Nothing: there is none.
  std::optional<Call> close(const EventView& result);

 private:
  void share(Call& call);

  std::vector<Call> open_;
  std::map<Fingerprint, std::uint64_t> ordinals_;
  std::size_t groups_ = 0;
};

}  // namespace agentstore
