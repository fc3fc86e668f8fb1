// The page over many sessions: what they came to by day, project, model and tool, which were the
// dearest and the longest, what is not known, and a list of all of them that leads to their pages.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/answers/stats.hpp"
#include "formats/page/details.hpp"
#include "formats/text/clock.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// A session of an overview. Texts are untrusted.
struct OverviewSession {
  std::string id;
  std::string name;
  std::string title;
  std::string project;
  std::string page;  ///< the file of its page, beside this one; empty: there is none
  Totals totals;
};

/// Texts are untrusted, but for `generator`.
struct Overview {
  std::string selection;  ///< which stores, events and sessions it is about, in words
  StatsAnswer all;        ///< its totals, notes and prices; without groups
  std::vector<StatsGroup> days = {};
  std::vector<StatsGroup> projects = {};
  std::vector<StatsGroup> models = {};
  std::vector<StatsGroup> tools = {};
  std::vector<OverviewSession> sessions = {};
  std::vector<std::string> unread = {};  ///< what could not be read
  std::string generator = {};
};

/// Writes it. `mask` is applied to names and titles, where it is set.
void write_overview(Sink& sink, const Overview& overview, const Clock& clock, const Mask& mask);

}  // namespace agentstore::formats
