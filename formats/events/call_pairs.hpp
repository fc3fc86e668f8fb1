// Which call a result answers: by the id of the call, by the event that caused it, else the last
// call of that tool that was not answered.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "agentstore/event.hpp"

namespace agentstore::formats {

/// How a call ended. Untrusted text.
struct CallOutcome {
  std::uint64_t result = 0;  ///< the event that tells; 0: none does
  Timestamp called_at;
  std::optional<std::int64_t> duration_ms;  ///< as told, else from one event to the other
  bool failed = false;
  std::string ending;  ///< of a failure: "failed: exit 1", "failed: rate limit", "rejected"
};

/// Memory grows with the calls. Give it the events of one session in their order.
class CallPairs {
 public:
  void take(const EventView& event);

  /// The call that a result answers; nothing where no call is found.
  std::optional<std::uint64_t> call_of(std::uint64_t result) const;
  /// Null: the event is no call.
  const CallOutcome* outcome_of(std::uint64_t call) const;

 private:
  void call(const EventView& event);
  void result(const EventView& event);
  std::optional<std::uint64_t> answered_by(const EventView& event);

  std::unordered_map<std::string, std::uint64_t> open_by_id_;       // call ids and event ids
  std::map<std::string, std::vector<std::uint64_t>> open_by_tool_;  // without an id
  std::unordered_map<std::uint64_t, CallOutcome> outcomes_;
  std::unordered_map<std::uint64_t, std::uint64_t> calls_of_results_;
};

/// The id that a call and its result share; empty: they have none.
std::string call_id_of(const EventView& event);

/// How a call ended that did not end well: "failed: exit 1", "failed: rate limit", "interrupted";
/// untrusted, a line. Empty: it ended well.
std::string bad_ending_of(const EventView& result);

}  // namespace agentstore::formats
