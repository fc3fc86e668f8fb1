// Lists of sessions.

#pragma once

#include <optional>
#include <span>
#include <string>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/session.hpp"
#include "formats/sink.hpp"

namespace agentstore::formats {

/// {"id","name","labels","created_at","updated_at","event_count"}
std::string session_json(const Session& session);

/// A name, else the title in quotes, else "(unnamed)"; not yet made printable.
std::string shown_name(const std::string& name, const std::string& title);

/// agentstore/sessions/1, on one line. With `titles` and `totals` of each session, what -l adds.
void write_sessions_json(Sink& sink, std::span<const Session> sessions,
                         std::span<const std::string> titles = {},
                         std::span<const std::optional<Totals>> totals = {});

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
