// Statistics: what a session, or many, came to.

#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/durations.hpp"
#include "agentstore/analysis/responses.hpp"
#include "agentstore/analysis/stats.hpp"
#include "agentstore/internal/rule_files.hpp"
#include "agentstore/session.hpp"
#include "formats/text/incomplete.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// One key of `--by`, and its value for a group; absent: the events have none (no tool, no model).
struct GroupKey {
  std::string by;
  std::optional<std::string> value;
  std::string name = {};   ///< of a session: what it was called
  std::string title = {};  ///< likewise, where it has no name
};

/// A sum of tokens; nothing where a run never told what it used, and nothing else is known.
inline std::optional<std::int64_t> told_tokens(const Totals& totals, std::int64_t sum) {
  const bool unknown =
      totals.unfinished_runs() > 0 && totals.tokens_in == 0 && totals.tokens_out == 0;
  return unknown ? std::nullopt : std::optional{sum};
}

/// What events came to in the sessions that they are of.
struct InSessions {
  std::uint64_t sessions = 0;
  std::optional<std::int64_t> duration_ms;  ///< the sum of each session's own; absent: no events
  Durations tool_durations;                 ///< of results; empty unless grouped by tool
  std::set<std::string> models = {};        ///< that its responses name
};

struct StatsGroup {
  std::vector<GroupKey> keys;
  Totals totals;
  InSessions in_sessions = {};
};

/// What sub-agents used, who are no part of the totals.
struct SubAgents {
  std::uint64_t agents = 0;
  Totals totals;  ///< of an agent that only its progress or its result tells of: tokens alone
};

struct StatsAnswer {
  std::optional<Session> session;  ///< absent: the sums are of more than one session
  std::uint64_t sessions = 0;
  Totals totals;
  std::optional<std::int64_t> sessions_duration_ms = std::nullopt;  ///< as in InSessions
  Durations tool_durations = {};                                    ///< likewise
  std::optional<SubAgents> sub_agents;
  std::vector<StatsGroup> groups;
  Incomplete incomplete = {};
  UncountedUse uncounted = {};
  RuleFiles rules = {};
  bool ordered = false;        ///< the groups, as somebody asked for
  std::uint64_t left_out = 0;  ///< of the groups, the last ones, which are not shown
  bool bars = false;           ///< for people, of groups that have a size
  std::string prices;          ///< what costs were computed from, for people
};

/// agentstore/stats/1, on one line.
void write_stats_json(Sink& sink, const StatsAnswer& answer);

/// A sentence of ours about what the sums lack, or repeat; "of them" belongs to the one before it.
struct StatsNote {
  std::string_view name;  ///< "note", "  of them"
  std::string text;
};
std::vector<StatsNote> stats_notes(const StatsAnswer& answer);

/// What the responses of forked sessions come to whose own session is not here.
std::string history_text(const UncountedUse& uncounted);

/// A line a figure; where there are groups, a table of them with the sum as its last row.
void write_stats_text(Sink& sink, const StatsAnswer& answer, const Screen& screen);

}  // namespace agentstore::formats
