// What sub-agents used, each counted once: in its own session where there is one, else from the
// progress that its parent's log tells, else from the result of its call.

#pragma once

#include <map>
#include <set>
#include <string>

#include "formats/stats.hpp"

namespace agentstore::cmd {

/// Adds to each of the sums what those of `known` under the same key came to. Errors: overflow.
template <class Key, class Less>
Result<void> merge_known(std::map<Key, Totals, Less>& sums,
                         const std::map<Key, Totals, Less>& known) {
  for (auto& [key, totals] : sums) {
    const auto found = known.find(key);
    if (found == known.end()) continue;
    if (auto merged = totals.merge(found->second); !merged) return merged;
  }
  return {};
}

/// Puts each of the sums in the place of that under the same key.
template <class Key, class Less>
void take_changed(std::map<Key, Totals, Less>& sums, std::map<Key, Totals, Less> changed) {
  for (auto& [key, totals] : changed) sums.insert_or_assign(key, std::move(totals));
}

class SubAgents {
 public:
  /// An event of a parent's, and what its metadata says. Errors: overflow.
  Result<void> see(const EventView& event, const Usage& usage, const Prices& prices);
  /// An agent that has a session of its own, and what it came to.
  Result<void> add_session(const std::string& agent_id, const Totals& totals);
  /// What another part of the events tells. Errors: overflow; nothing was added.
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
