// Responses that several records tell of: rows of one message, copies in sessions that were resumed
// or forked, progress of sub-agents. Each counts once, with the largest value told of each figure,
// in the session, and in the group, that told of it first in time. The order of reading is of no
// account.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/decimal.hpp"
#include "agentstore/event.hpp"
#include "agentstore/result.hpp"

namespace agentstore {

/// The values of what sums are grouped by, in its order; absent: the event has none.
using GroupValues = std::vector<std::optional<std::string>>;

/// What a response used, as far as it was told.
struct ResponseUse : TokenCounts {
  std::optional<Decimal> cost_usd;  ///< as recorded
  bool overflows = false;           ///< a sum of differences that no number holds

  friend bool operator==(const ResponseUse&, const ResponseUse&) = default;
};

/// How a record tells of a response.
struct ResponseTelling {
  std::string identity;      ///< the same in whatever tells of the response
  std::string alias;         ///< another name; responses that share either are one. May be empty
  std::string agent;         ///< of a sub-agent whose parent tells of it; empty: nobody's
  std::string call;          ///< of a summary: the call that the agent ran for
  bool differences = false;  ///< what its session's records tell adds up to what it used
  bool history = false;      ///< copied from the session that this one was forked from
  bool run_total = false;    ///< of all that a process used: counts as far as its responses do not
  bool partial = false;      ///< written before the response had ended
  bool summary = false;      ///< of all that the agent used: of account where nothing else is known
  ResponseUse use;
};

/// Nothing where the event's usage stands for itself: it is simply added up.
std::optional<ResponseTelling> telling_of(const EventView& event, const Usage& usage);

/// A record that told of a response, and why it does not count, in full or in part.
struct UncountedRecord {
  enum class Why { repetition, placeholder, copy, history, sub_agent, unknown };
  Why why = Why::repetition;
  std::string session_id;
  std::uint64_t sequence_number = 0;
  std::int64_t tokens_in = 0;  ///< told, and not counted
  std::int64_t tokens_out = 0;
  std::string of_session;  ///< what counts instead; empty: nothing does
  std::uint64_t of_sequence_number = 0;
};

/// A response that counts, and for whom. Views live as long as the index is not changed.
struct CountedResponse {
  std::string_view session_id;
  std::uint64_t sequence_number = 0;  ///< of the record that told of it first
  Timestamp at;
  const GroupValues& group;
  std::string_view agent;  ///< of a sub-agent that only its parent tells of
  Usage usage;
};

/// What was not counted, in figures.
struct UncountedUse {
  std::uint64_t copied_events = 0;      ///< of responses that count in another session
  std::uint64_t history_responses = 0;  ///< of sessions that are not here
  std::int64_t history_tokens_in = 0;
  std::int64_t history_tokens_out = 0;
  std::uint64_t lower_bounds =
      0;  ///< counted responses of sub-agents that no record saw the end of
};

/// What ties responses to those that other inputs tell of. Hashes may be equal by chance: then
/// inputs are taken together that need not be.
struct ResponseTies {
  std::vector<std::uint64_t> names;     ///< of responses and of sessions, hashed
  std::vector<std::uint64_t> families;  ///< sessions with their sub-agents, hashed
  bool run_totals = false;              ///< holds totals of runs, which concern their families
  std::set<std::string, std::less<>> agents;  ///< whether others know them decides what counts
  std::set<std::string, std::less<>> told;    ///< agents, response by response
};

class RunTotals;

class Responses {
 public:
  /// `keeps_records`: each telling is kept, for `uncounted_records`. Memory grows with the
  /// responses, and then with their records.
  explicit Responses(bool keeps_records = false) : keeps_records_{keeps_records} {}

  /// An event of any kind: when a session began and ended says whose a copied response is.
  void see(const EventView& event);
  /// An event of no response's name, by which Codex tells of a part of its running total: the
  /// stream of the same run tells it, too.
  void see_running_total(const EventView& event, const Usage& usage);
  /// Takes what an event tells; `group` is its own.
  void take(ResponseTelling telling, const EventView& event, const Usage& usage,
            GroupValues group = {});
  /// What another part of the events tells. In any order, the same.
  void merge(Responses&& other);
  bool empty() const { return live_ == 0; }
  /// Whether nothing that it saw can decide how responses count.
  bool nothing_told() const { return live_ == 0 && running_totals_.empty(); }
  /// Whether it saw no event at all.
  bool nothing_seen() const { return tellers_.empty(); }

  /// An agent whose own session is among what was read: what its parent tells of it repeats that.
  void agent_is_known(std::string_view agent) { known_agents_.emplace(agent); }

  /// An agent whose responses are told of one by one by its parent, elsewhere.
  void agent_is_told(std::string_view agent) { told_agents_.emplace(agent); }

  ResponseTies ties() const;
  /// All of it but records, for a cache on this machine: the same bytes however the events were
  /// divided among those that were merged.
  std::string to_bytes() const;
  /// What to_bytes gave; nothing for most that it did not give.
  static std::optional<Responses> from_bytes(std::string_view bytes);

  /// Gives each response that counts to `count`, in no certain order; stops at its first error.
  Result<UncountedUse> settle(
      const std::function<Result<void>(const CountedResponse&)>& count) const;
  /// All that `settle` did not give; where records are kept.
  std::vector<UncountedRecord> uncounted_records() const;

 private:
  friend struct ResponseFields;  // names the fields of what follows, for bytes

  struct Teller {
    std::string session_id;
    Timestamp first;
    Timestamp last;
  };
  /// What one session says of a response.
  struct Claim {
    std::uint32_t teller = 0;
    std::uint32_t group = 0;
    Timestamp at;
    std::uint64_t sequence_number = 0;
    std::uint64_t events = 0;
    bool history = false;
    std::optional<ResponseUse> sum;  ///< of differences
    std::string model;               ///< a string token
  };
  struct Record {
    std::uint32_t teller = 0;
    std::uint64_t sequence_number = 0;
    Timestamp at;
    ResponseUse use;
    bool history = false;
    bool differences = false;
  };
  struct Entry {
    ResponseUse largest;
    std::string terms;  ///< of the price: the `extra` of the record that told most
    std::pair<std::int64_t, std::int64_t> terms_rank{-1, -1};
    std::string agent;
    std::string call;  ///< of a summary: a stream calls the agent by it
    bool summary = false;
    bool run_total = false;
    bool partial = true;  ///< no record was written at the response's end
    bool live = false;
    std::vector<Claim> claims;
    std::vector<Record> records;
  };

  std::uint32_t teller_of(std::string_view session_id, Timestamp at);
  std::uint32_t group_of(GroupValues group);
  std::uint32_t entry_of(const std::string& identity, const std::string& alias);
  std::uint32_t root_of(std::uint32_t entry) const;
  void unite(std::uint32_t into, Entry lost);
  void claim(Entry& entry, Claim claim) const;
  bool is_before(const Claim& a, const Claim& b) const;
  const Claim& owner_of(const Entry& entry) const;
  static ResponseUse use_of(const Entry& entry);
  bool told_better(const Entry& entry) const;
  /// Those that count, run totals last.
  std::vector<const Entry*> counting(UncountedUse& uncounted) const;
  RunTotals run_totals(const std::vector<const Entry*>& counts) const;
  void note_uncounted(const Entry& entry, const Claim& owner, UncountedUse& uncounted) const;
  void explain(const Entry& entry, bool counts, std::vector<UncountedRecord>& out) const;

  bool keeps_records_;
  std::size_t live_ = 0;
  std::vector<Teller> tellers_;
  std::unordered_map<std::string, std::uint32_t> teller_index_;
  std::vector<GroupValues> groups_;
  std::map<GroupValues, std::uint32_t> group_index_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> parents_;  // of entries that turned out to be one
  std::unordered_map<std::string, std::uint32_t> entry_index_;
  std::set<std::string, std::less<>> known_agents_;
  std::set<std::string, std::less<>> told_agents_;  // by their parents, response by response
  std::map<std::pair<std::uint32_t, std::string>, ResponseUse> running_totals_;  // of tellers
  std::uint32_t last_teller_ = 0;  // events of a session come one after the other
};

/// Totals of events of a session, or of several, in which each response counts once.
class CountedTotals {
 public:
  /// Errors: overflow, naming the event.
  Result<void> add(const EventView& event);
  /// Adds what another part of the events came to. Errors: overflow; then it is neither sum.
  Result<void> merge(CountedTotals&& other);
  /// Of the events without what their responses used.
  const Totals& of_events() const { return totals_; }
  /// With it. Errors: overflow.
  Result<Totals> sum() const;

 private:
  Totals totals_;
  Responses responses_;
};

}  // namespace agentstore
