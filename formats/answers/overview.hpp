// What is here, at a glance: the answer of `agentstore` alone.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agentstore/analysis/stats.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// What one agent did lately.
struct AgentActivity {
  std::string agent;  ///< empty: nobody said which
  std::uint64_t sessions_today = 0;
  std::uint64_t sessions_week = 0;  ///< today included
  Totals today = {};
  Totals week = {};
};

/// A transcript that its agent deletes when it has not changed for so many days.
struct Retention {
  std::string agent;
  std::uint64_t days = 0;
  std::uint64_t sessions_soon = 0;  ///< that go within a week
  std::string first_day;            ///< on which one of them goes; empty: none
};

struct Verified {
  std::string store;
  std::optional<std::int64_t> age_ms = std::nullopt;  ///< absent: not known to have been verified
  std::uint64_t sessions = 0;
  std::uint64_t with_findings = 0;
};

struct OverviewAnswer {
  std::string places;
  std::uint64_t sessions = 0;
  Totals totals;
  std::vector<AgentActivity> agents;  ///< of those that did anything in the last seven days
  std::string newest;                 ///< a line about it; empty: there is none
  std::vector<Retention> retention;
  std::vector<Verified> stores;
};

void write_overview_text(Sink& sink, const OverviewAnswer& answer, const Screen& screen);

}  // namespace agentstore::formats
