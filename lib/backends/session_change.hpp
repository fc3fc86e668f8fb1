// agentstore.session_changed: what a session's name and labels were, and what they are.

#pragma once

#include <string>
#include <string_view>

#include "agentstore/session.hpp"

namespace agentstore {

inline constexpr std::string_view session_changed = "agentstore.session_changed";

/// The session as it is to be.
Session changed_by(Session session, const SessionChange& change);

/// {"name":{"old":"a","new":"b"},"labels":{"k":{"old":null,"new":"v"}}}, with what differs; null
/// stands for none. Empty where nothing differs.
std::string change_payload(const Session& before, const Session& after);

/// Gives a session the new values that such a payload has.
void apply_change(Session& session, std::string_view payload);

}  // namespace agentstore
