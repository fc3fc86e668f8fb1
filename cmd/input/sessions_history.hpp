// Several sessions as one history, for what-ifs and searches.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/whatif.hpp"
#include "cmd/input/events_in_memory.hpp"
#include "formats/text/event_name.hpp"

namespace agentstore::cmd {

/// The events of several sessions, numbered from 1 in order of time. Holds all of them in memory.
class SessionsHistory {
 public:
  /// Errors: as EventsInMemory::read.
  static Result<std::unique_ptr<SessionsHistory>> read(const Inputs& inputs, OnCorrupt on_corrupt);

  /// Of no session. Its readers take no notice of ReadOptions but for the filter, and may be open
  /// as long as this lives.
  History history() const;
  /// Folds that see each event under the number that it has in its session; what they note has the
  /// number in this history. They live as long as this.
  std::vector<ProjectionFactory> folds(const std::vector<ProjectionFactory>& makers) const;
  /// The number of an event that is named: "S#12", "S#EVENT-ID", or an event id that is not in
  /// several sessions; 0 is before the first. Errors: invalid (a number of no session); not_found;
  /// conflict.
  Result<std::uint64_t> find(std::string_view word) const;
  /// Of a number that `history` gave.
  formats::EventName name_of(std::uint64_t number) const;
  std::span<const ReadReport> reports() const { return gathered_.reports(); }

 private:
  explicit SessionsHistory(EventsInMemory gathered) : gathered_{std::move(gathered)} {}
  Result<std::string> session_called(std::string_view word) const;
  Result<std::uint64_t> find_within(const std::string& session_id, std::string_view word) const;

  EventsInMemory gathered_;
  std::vector<EventView> events_;
  std::vector<std::uint64_t> own_numbers_;
  std::vector<Session> sessions_;
};

}  // namespace agentstore::cmd
