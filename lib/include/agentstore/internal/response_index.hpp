// Which responses count, over many inputs of which most are known from before. Inputs that tell of
// no response in common are told apart by hashes alone: what their responses come to was summed
// up once, when they were read. Only those that do tell of the same are looked at response by
// response.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "agentstore/analysis/prices.hpp"
#include "agentstore/analysis/responses.hpp"
#include "agentstore/analysis/stats.hpp"
#include "agentstore/result.hpp"

namespace agentstore {

/// What responses used that count in one session, for one group of events.
struct CountedUse {
  std::string session_id;
  std::string agent;  ///< of a sub-agent that only its parent tells of
  GroupValues group;
  Totals totals;
};

using CountedUses = std::vector<CountedUse>;

/// Keeps what inputs that tell of the same responses came to together. It is asked by one thread;
/// by keys which are the same only where the inputs and the prices are.
struct SettledUses {
  std::function<std::optional<std::string>(const std::string& key)> find;
  std::function<void(std::string key, std::string_view value)> keep;
};

/// What one input tells of responses, with what they come to where no other input tells of them.
class ResponseBlock {
 public:
  ResponseBlock() = default;
  explicit ResponseBlock(Responses responses) : responses_{std::move(responses)} {}

  /// Sums up what its responses come to alone, where `known_agents` have sessions in it. Of the
  /// responses bytes are left, which take a fraction of the memory. Once is enough.
  void sum_up(const std::set<std::string, std::less<>>& known_agents, const Prices& prices);

  /// For a cache on this machine; of one that is summed up.
  std::string to_bytes() const;
  /// What to_bytes gave; nothing for most that it did not give.
  static std::optional<ResponseBlock> from_bytes(std::string_view bytes);

  bool empty() const { return ties().names.empty(); }
  /// Its responses, to merge with others; it is empty then. Those of bytes that are none: nothing.
  Responses take_responses();

 private:
  friend class ResponseIndex;

  /// Of an agent, what was taken for granted.
  struct Asked {
    bool known = false;  ///< its own session was read
    bool told = false;   ///< response by response
    friend bool operator==(const Asked&, const Asked&) = default;
  };
  using AskedAgents = std::map<std::string, Asked, std::less<>>;

  const ResponseTies& ties() const;
  std::optional<Responses> unpacked() const;

  mutable std::optional<ResponseTies> ties_;
  std::optional<Responses> responses_;
  std::string packed_;  // the bytes of the responses, where they are not there: a Zstandard frame
  std::string digest_;  // of these bytes
  AskedAgents asked_;
  std::optional<CountedUses> uses_;  // nothing: not summed up, or a sum overflowed
  UncountedUse uncounted_;
};

class ResponseIndex {
 public:
  /// `keeps_records`: as for Responses; then all are kept in one, see `merged`.
  explicit ResponseIndex(const Prices& prices, bool keeps_records = false)
      : prices_{prices}, keeps_records_{keeps_records}, merged_{keeps_records} {}

  void add(ResponseBlock block);
  /// An agent whose own session is among what was read.
  void agent_is_known(std::string_view agent) { known_agents_.emplace(agent); }
  bool empty() const { return blocks_.empty() && merged_.empty(); }
  void keep_settled(SettledUses kept) { kept_ = std::move(kept); }

  /// Gives what the responses come to that count, in no certain order; stops at the first error of
  /// `count`. Errors: overflow, naming the event.
  Result<UncountedUse> settle(const std::function<Result<void>(const CountedUse&)>& count);
  /// Where records are kept.
  const Responses& merged() const { return merged_; }

 private:
  using Count = std::function<Result<void>(const CountedUse&)>;
  class Clusters;

  struct Settled {
    CountedUses uses;
    UncountedUse uncounted;
  };

  bool stands_alone(const ResponseBlock& block) const;
  Result<Settled> settle_together(const std::vector<ResponseBlock*>& blocks);
  std::string key_of(const std::vector<ResponseBlock*>& blocks) const;
  std::optional<Settled> find_settled(const std::string& key) const;

  const Prices& prices_;
  const bool keeps_records_;
  Responses merged_;
  std::vector<ResponseBlock> blocks_;
  SettledUses kept_;
  std::set<std::string, std::less<>> known_agents_;
  std::set<std::string, std::less<>> told_agents_;
};

}  // namespace agentstore
