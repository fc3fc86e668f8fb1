// agentstore.session_changed: what a session's name and labels were, and what they are.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/session.hpp"
#include "log/redaction.hpp"

namespace agentstore {

inline constexpr std::string_view session_changed = log::session_changed_type;

/// The session as it is to be.
Session changed_by(Session session, const SessionChange& change);

/// {"name":{"old":"a","new":"b"},"labels":{"k":{"old":null,"new":"v"}}}, with what differs; null
/// stands for none. Empty where nothing differs.
std::string change_payload(const Session& before, const Session& after);

/// Of a log's events of that type, those whose names are the beginnings of messages in payloads
/// that go. Errors: io.
Result<std::vector<std::uint64_t>> changes_to_titles(log::ByteSource& log,
                                                     std::span<const std::string_view> payloads);

/// Gives a session the new values that such a payload has.
void apply_change(Session& session, std::string_view payload);

}  // namespace agentstore
