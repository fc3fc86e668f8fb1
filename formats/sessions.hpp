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

/// ID, NAME, EVENTS, CREATED; `titles` has those of each session.
void write_sessions_table(Sink& sink, std::span<const Session> sessions,
                          std::span<const std::string> titles, const Screen& screen);

/// The same with last activity, tokens, cost and errors; `totals` has those of each session, where
/// they are known.
void write_sessions_long(Sink& sink, std::span<const Session> sessions,
                         std::span<const std::string> titles,
                         std::span<const std::optional<Totals>> totals, const Screen& screen);

}  // namespace agentstore::formats
