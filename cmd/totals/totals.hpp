// Sums over the events of a session, made by parts.

#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agentstore/analysis/prices.hpp"
#include "agentstore/analysis/stats.hpp"
#include "agentstore/parts.hpp"
#include "cmd/times.hpp"
#include "cmd/totals/copied_responses.hpp"
#include "cmd/totals/sub_agents.hpp"
#include "formats/sources/source.hpp"

namespace agentstore::cmd {

/// What --by asks for, in order: type, tool, model, day, session.
struct Grouping {
  std::vector<std::string> by;
  Zone zone;  ///< of days
};

/// Sums, and the sums of each group.
struct Sums {
  using Key = std::vector<std::optional<std::string>>;

  Totals totals;
  std::map<Key, Totals> groups;

  /// The totals, and the groups of `other`, with what `other` adds to them. Errors: overflow.
  Result<Sums> with(const Sums& other) const;
  /// Takes what `with` gave.
  void take(Sums changed);
};

/// Adds up one session after the other: all of it, or nothing where it is damaged.
class Adder {
 public:
  explicit Adder(const Grouping& grouping, const Prices& prices = Prices::standard())
      : grouping_{grouping}, prices_{prices} {}

  /// To read a session by. Of a transcript, sessions other than that of its first event are its
  /// sub-agents'.
  Parts parts();
  /// How much of a transcript's events they need: names of tools may stand in the payloads alone.
  formats::Made needs() const;
  /// Once it was read: adds what the session came to. Errors: overflow; nothing was added.
  Result<void> add_to(Sums& sums, SubAgents& sub_agents);
  /// Results of tools whose payloads, which may say that they failed, are redacted: of all
  /// sessions, the first hundred.
  const std::vector<std::string>& redacted_results() const { return redacted_results_; }
  /// Events that only repeat what another session's tell.
  std::uint64_t copied_events() const { return copied_events_; }

 private:
  class SessionPart;

  std::string main_id();
  Joined join(SessionPart& part);
  CachedAggregate cached_aggregate();
  void end_session();

  const Grouping& grouping_;
  const Prices& prices_;
  CopiedResponses copied_;
  std::uint64_t copied_events_ = 0;
  std::vector<std::string> redacted_results_;
  // Of the session that is read:
  std::mutex lock_;
  std::string main_id_;  // under the lock
  TotalsByType types_;
  std::map<Sums::Key, Totals> groups_;  // where they are not the types
  std::map<std::string, Totals, std::less<>> others_;
  SubAgents sub_agents_;
  std::vector<std::uint64_t> responses_;
  std::uint64_t copies_ = 0;
  std::vector<std::string> redacted_here_;
  Result<void> joined_;
};

}  // namespace agentstore::cmd
