// What depends on events that were left out: by causation id, by the id of the tool call that it
// answers, by the id of the bet. Ids of calls and bets count within their session.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "agentstore/analysis/event_name.hpp"
#include "agentstore/event.hpp"

namespace agentstore {

/// Remembers what was left out, in the order of the log. Memory: its ids.
class Dependents {
 public:
  Dependents() = default;
  /// `naming`: of events of several sessions.
  explicit Dependents(EventNaming naming) : naming_{std::move(naming)} {}

  /// How `event` hangs on an event that was left out.
  struct Link {
    std::string how;  ///< "answers a dropped call (call-1 of #3)"
  };
  std::optional<Link> link_of(const EventView& event) const;

  /// `event` is left out.
  void leave_out(const EventView& event);

  /// `event` is kept. Needed where there are several sessions: the cause of an event is first
  /// looked for in its own session, and event ids are unique only there.
  void keep(const EventView& event);

 private:
  std::optional<std::uint64_t> cause_of(std::string_view session_id, const std::string& id) const;
  std::string place(const std::string& id, std::uint64_t sequence_number) const;

  EventNaming naming_;
  std::map<std::string, std::uint64_t> events_;  // by event id, of all sessions
  std::map<std::string, std::uint64_t> own_;     // by session and id; 0: it is kept
  std::map<std::string, std::uint64_t> calls_;   // by session and id, as bets
  std::map<std::string, std::uint64_t> bets_;
};

}  // namespace agentstore
