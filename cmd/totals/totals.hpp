// Sums over the events of sessions, made by parts.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agentstore/analysis/prices.hpp"
#include "agentstore/analysis/responses.hpp"
#include "agentstore/analysis/stats.hpp"
#include "agentstore/internal/response_index.hpp"
#include "agentstore/parts.hpp"
#include "cmd/totals/grouping.hpp"
#include "formats/answers/stats.hpp"
#include "formats/sources/source.hpp"

namespace agentstore::cmd {

/// Sums over events, and what they came to in their sessions.
struct GroupSums {
  Totals totals;
  formats::InSessions in_sessions;

  /// Errors: overflow.
  Result<void> merge(const GroupSums& other);
  /// The totals are those of one session.
  void end_session();
};

/// Sums, and the sums of each group.
struct Sums : GroupSums {
  using Key = GroupValues;

  std::map<Key, GroupSums> groups;

  /// The totals, and the groups of `other`, with what `other` adds to them. Errors: overflow.
  Result<Sums> with(const Sums& other) const;
  /// Takes what `with` gave.
  void take(Sums changed);
};

/// Of one session: the sums of each type, and of the groups where they are others.
struct SessionSums {
  std::map<std::string, Totals, std::less<>> types;
  std::map<Sums::Key, GroupSums> groups;

  Result<void> merge(const SessionSums& other);
  void end_session();
};

/// Whose figures the sums are of.
enum class View {
  session,  ///< one session: what its sub-agents did stands apart
  all,      ///< everything is in the sums
};

/// Adds up one session after the other: all of it, or nothing where it is damaged. Responses that
/// may be told of in several places count when everything was read.
class Adder {
 public:
  explicit Adder(const Grouping& grouping, const Prices& prices = Prices::standard(),
                 bool keeps_records = false)
      : grouping_{grouping},
        by_tool_{groups_by(grouping, "tool")},
        prices_{prices},
        keeps_records_{keeps_records},
        responses_{prices, keeps_records} {}

  /// Where what inputs came to together is kept. Before anything is settled.
  void keep_settled(SettledUses kept) { responses_.keep_settled(std::move(kept)); }

  /// To read an input by; `labels` are those of its session.
  Parts parts(Labels labels = {});
  /// How much of a transcript's events they need: names of tools may stand in the payloads alone.
  formats::Made needs() const;
  /// Once it was read: adds what the input came to, and gives how many sessions of it are in the
  /// sums. A file that holds several sessions, other than sub-agents, is seen as View::all.
  /// Errors: overflow; nothing was added.
  Result<std::size_t> add_to(Sums& sums, View view);
  /// The same of the session of a sub-agent, which stands apart.
  Result<void> add_apart(const std::string& agent_id);
  /// An agent whose session is among those that are read.
  void agent_is_known(const std::string& agent_id) { responses_.agent_is_known(agent_id); }
  /// When everything was read: adds the responses. Errors: overflow; the sums are of no use then.
  Result<UncountedUse> settle(Sums& sums, View view);

  /// Those that stand apart, once it is settled; nothing where there is none: of View::session all,
  /// of View::all those of which only what their parents tell is known.
  std::optional<formats::SubAgents> sub_agents() const;
  /// Whether an input held several sessions.
  bool several() const { return several_; }
  /// The sums of each session of such inputs, once they are settled.
  const std::map<std::string, Totals, std::less<>>& sessions_of_files() const {
    return sessions_of_files_;
  }
  /// Of the input that was read last: the session that it is of; empty where it had no event.
  const std::string& main_session() const { return main_session_; }
  /// When everything was read: what the responses of each session came to that count there.
  Result<UncountedUse> settle_uses(const std::function<Result<void>(const CountedUse&)>& count) {
    return responses_.settle(count);
  }
  /// Whether anything tells of responses that may be told of elsewhere, too.
  bool tells_of_responses() const { return !responses_.empty(); }
  /// All of them, where records are kept.
  const Responses& responses() const { return responses_.merged(); }
  /// Results of tools whose payloads, which may say that they failed, are redacted: of all
  /// sessions, the first hundred.
  const std::vector<std::string>& redacted_results() const { return redacted_results_; }

 private:
  class SessionPart;

  std::string main_id();
  Joined join(SessionPart& part);
  CachedAggregate cached_aggregate();
  std::optional<std::string> give();
  bool take(std::string_view text);
  ResponseBlock take_responses_here();
  void choose_main();
  Result<void> add_session(Sums& sums, const std::string& id, SessionSums session);
  Result<void> set_apart(const std::string& session_id, const std::string& agent_id,
                         SessionSums session);
  void end_input();

  const Grouping& grouping_;
  const bool by_tool_;
  const Prices& prices_;
  const bool keeps_records_;
  ResponseIndex responses_;
  bool several_ = false;
  std::map<std::string, Totals, std::less<>> sessions_of_files_;
  std::string main_session_;
  std::map<std::string, std::string, std::less<>> agent_of_session_;  // of those apart
  std::set<std::string> agents_;
  Totals apart_;
  std::vector<std::string> redacted_results_;
  // Of the input that is read:
  std::mutex lock_;
  std::string main_id_;  // under the lock
  Labels labels_;
  SessionSums main_;
  std::map<std::string, SessionSums, std::less<>> others_;
  Responses responses_here_;
  std::optional<ResponseBlock> known_responses_here_;  // of the part that was read before
  std::vector<std::string> redacted_here_;
  Result<void> joined_;
};

}  // namespace agentstore::cmd
