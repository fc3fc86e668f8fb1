// Naming: in a store no id and no name is another session's id or name, whoever gives it.

#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "backends/backend.hpp"

namespace agentstore {

/// What is said where no session has an id: not_found.
std::unexpected<Error> no_session(std::string_view id);

/// Errors: conflict (the id or the name is another session's); as Backend::create.
Result<void> create_named(Backend& backend, const Session& session);

/// As Store::change_session, of an id and a name that may be written.
Result<Session> change_session(Backend& backend, std::string_view id, const SessionChange& change);

/// Creates a session that is taken over from elsewhere, without its name where that is another
/// session's or cannot be one: this is told to `notice`. False: the session is here already.
/// Errors: conflict (the id is another session's name); as Backend::create.
Result<bool> create_imported(Backend& backend, Session session,
                             const std::function<void(const std::string&)>& notice);

}  // namespace agentstore
