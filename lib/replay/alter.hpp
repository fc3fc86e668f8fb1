// An altered history, made event by event from the one that is recorded.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agentstore/analysis/whatif.hpp"
#include "log/draft.hpp"
#include "replay/dependents.hpp"

namespace agentstore {

/// Takes the recorded events in order, and gives those of the altered history.
class Alterer {
 public:
  using Give = std::function<Result<void>(const EventView&)>;

  /// `naming`: of events of several sessions. Errors: invalid.
  static Result<Alterer> make(const Alterations& alterations, EventNaming naming = nullptr);

  /// The numbers from which on something may be altered by number; types and times are not asked.
  std::uint64_t first_named() const;

  /// Gives what stands in the place of `event`: nothing, itself, another payload, more.
  Result<void> take(const EventView& event, const Give& give);
  /// After the last event. Errors: not_found, where an event that is named never came.
  Result<void> end(std::string_view session_id, const Give& give);

  std::optional<std::uint64_t> first_divergence;
  std::optional<Timestamp> first_divergence_at;
  std::vector<Dropped> dropped;
  std::uint64_t dropped_count = 0;
  std::vector<WhatIfWarning> warnings;
  std::uint64_t warning_count = 0;
  bool gives_inserted = false;  ///< while it gives an event that was not recorded

  void warn(std::uint64_t sequence_number, std::string text);

 private:
  Alterer(const Alterations& alterations, EventNaming naming)
      : alterations_{&alterations}, naming_{std::move(naming)}, dependents_{naming_} {}

  std::string why_dropped(const EventView& event);
  Result<void> give_inserted(std::uint64_t behind, const EventView& place, const Give& give);
  void diverge(const EventView& event);

  std::string named(std::uint64_t number) const { return event_name(naming_, number); }

  const Alterations* alterations_;
  EventNaming naming_;
  std::map<std::uint64_t, std::string> payloads_;
  std::map<std::uint64_t, std::vector<log::CheckedDraft>> inserted_;
  std::set<std::uint64_t> awaited_;  // named, and not seen yet
  Dependents dependents_;
  std::uint64_t last_ = 0;
  bool diverges_next_ = false;
  bool begun_ = false;
};

}  // namespace agentstore
