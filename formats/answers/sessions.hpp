// Lists of sessions.

#pragma once

#include <optional>
#include <span>
#include <string>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/session.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// agentstore/sessions/1, on one line. With `titles` and `totals` of each session, what -l adds;
/// `stores` has the store of each, where several were chosen.
void write_sessions_json(Sink& sink, std::span<const Session> sessions,
                         std::span<const std::string> titles = {},
                         std::span<const std::optional<Totals>> totals = {},
                         std::span<const std::string> stores = {});

/// What a list for people is made of.
struct SessionList {
  std::span<const Session> sessions;
  std::span<const std::string> titles;  ///< of each session
  std::span<const std::optional<Totals>> totals =
      {};                                      ///< of each, where known; empty: the short list
  std::span<const std::string> branches = {};  ///< what stands before each id; empty: nothing
};

/// ID, NAME, EVENTS, CREATED, and PROJECT where a session has one. With totals also last activity,
/// tokens, cost and errors, and a row of their sums.
void write_sessions_text(Sink& sink, const SessionList& list, const Screen& screen);

}  // namespace agentstore::formats
