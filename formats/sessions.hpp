// Lists of sessions.

#pragma once

#include <optional>
#include <span>
#include <string>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/session.hpp"
#include "formats/sink.hpp"

namespace agentstore::formats {

/// {"id","name","labels","created_at","updated_at","event_count"}, as exports have it.
std::string session_json(const Session& session);
/// The same with "session_id" and "events", the names that other answers have for it.
std::string session_answer_json(const Session& session);

/// A name, else the title in quotes, else "(unnamed)"; not yet made printable.
std::string shown_name(const std::string& name, const std::string& title);

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
