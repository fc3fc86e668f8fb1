// What is said of one session, by every answer.

#pragma once

#include <string>

#include "agentstore/session.hpp"

namespace agentstore::formats {

/// {"id","name","labels","created_at","updated_at","event_count"}, as exports have it.
std::string session_json(const Session& session);
/// The same with "session_id" and "events", the names that other answers have for it.
std::string session_answer_json(const Session& session);

/// A name, else the title in quotes, else "(unnamed)"; not yet made printable.
std::string shown_name(const std::string& name, const std::string& title);

}  // namespace agentstore::formats
