// What sub-agents used, each counted once: in its own session where there is one, else from the
// progress that its parent's log tells, else from the result of its call.

#pragma once

#include <map>
#include <set>
#include <string>

#include "formats/stats.hpp"

namespace agentstore::cmd {

class SubAgents {
 public:
  /// An event of a parent's, and what its metadata says. Errors: overflow.
  Result<void> see(const EventView& event, const Usage& usage);
  /// An agent that has a session of its own, and what it came to.
  Result<void> add_session(const std::string& agent_id, const Totals& totals);
  /// What another part of the events tells. Errors: overflow.
  Result<void> merge(const SubAgents& other);
  /// One whose session is counted elsewhere.
  void is_known(const std::string& agent_id) { known_.insert(agent_id); }

  /// Whether nothing was told of any.
  bool empty() const;
  /// How many of the events seen were only for this.
  std::uint64_t events() const { return events_; }
  /// Nothing where there are none. Errors: overflow.
  Result<std::optional<formats::SubAgents>> sum() const;

 private:
  std::set<std::string> known_;
  std::map<std::string, Totals> of_sessions_;
  std::map<std::string, Totals> of_progress_;
  std::map<std::string, Totals> of_results_;
  std::uint64_t events_ = 0;
};

}  // namespace agentstore::cmd
