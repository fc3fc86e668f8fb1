// What has to be known of a session before the first line of its page can be written: how each call
// ended, what is redacted and why, how many events of each kind, what was held when.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/kinds.hpp"
#include "agentstore/decimal.hpp"
#include "agentstore/event.hpp"
#include "agentstore/ledger.hpp"
#include "formats/events/call_pairs.hpp"
#include "formats/page/charts.hpp"
#include "formats/page/waterfall.hpp"

namespace agentstore::formats {

/// The balance of an asset over time.
struct HeldOverTime {
  std::vector<ChartPoint> points;
  Decimal last;
  Decimal most;
};

/// Give it every event of the page in order. Memory grows with the calls and the messages, not with
/// what they say.
class SessionFacts {
 public:
  /// `ledger` has to outlive it. `mask`: what is done to words of the log; null: nothing.
  SessionFacts(const Ledger& ledger, std::function<std::string(std::string_view)> mask)
      : ledger_{ledger}, mask_{std::move(mask)} {}

  /// Errors: overflow of a balance, naming the event.
  Result<void> take(const EventView& event);
  /// The same of the event of a sub-agent, whose session `lane` names.
  void take_of_sub_agent(const EventView& event, const std::string& name, const std::string& page);
  /// When all were taken: gives calls their ends.
  void finish();

  std::uint64_t events() const { return events_; }
  const CallPairs& pairs() const { return pairs_; }
  /// "redacted by #12: asked for by the customer (dpo)"; untrusted. Empty: nothing tells.
  std::string redaction_text(std::uint64_t redacted_by) const;
  /// How many events, by their kind, and by the name of their tool.
  const std::map<EventKind, std::uint64_t>& kinds() const { return kinds_; }
  const std::map<std::string, std::uint64_t, std::less<>>& tools() const { return tools_; }
  std::uint64_t bookkeeping() const { return bookkeeping_; }
  /// Events at which time ran backwards; 0: none.
  std::uint64_t backward() const { return backward_; }
  /// Whether any event says when it happened.
  bool has_times() const { return has_times_; }
  /// How it ended, in words of ours: "with an answer", "in a call of Bash that has no result".
  std::string ending() const;
  /// The first is the session's own, even without a call.
  const std::vector<Lane>& lanes() const { return lanes_; }
  const std::vector<MessageMark>& messages() const { return messages_; }
  const std::map<std::string, HeldOverTime>& held() const { return held_; }
  const std::vector<BusyTime>& busy() const { return busy_; }

 private:
  struct SubAgent {
    CallPairs pairs;
    std::size_t lane = 0;
  };
  std::string masked(std::string_view text) const;
  void see_time(const EventView& event);
  void add_call(const EventView& event, Lane& lane);
  static void end_calls(Lane& lane, const CallPairs& pairs, std::vector<BusyTime>& busy);
  Result<void> add_held(const EventView& event);
  void see_ending(const EventView& event);

  const Ledger& ledger_;
  const std::function<std::string(std::string_view)> mask_;
  std::uint64_t events_ = 0;
  CallPairs pairs_;
  std::map<std::uint64_t, std::string> redactions_;
  std::map<EventKind, std::uint64_t> kinds_;
  std::map<std::string, std::uint64_t, std::less<>> tools_;
  std::uint64_t bookkeeping_ = 0;
  std::uint64_t backward_ = 0;
  bool has_times_ = false;
  std::optional<Timestamp> latest_;
  std::string ending_;
  std::vector<Lane> lanes_ = std::vector<Lane>(1);
  std::map<std::string, SubAgent> sub_agents_;
  std::vector<MessageMark> messages_;
  std::map<std::string, HeldOverTime> held_;
  std::vector<BusyTime> busy_;
};

}  // namespace agentstore::formats
