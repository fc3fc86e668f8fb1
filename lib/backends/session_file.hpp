// sessions/<id>.json: who a session is, in the Go library's form.

#pragma once

#include <string>
#include <string_view>

#include "agentstore/result.hpp"
#include "agentstore/session.hpp"

namespace agentstore {

std::string session_to_json(const Session& session);
/// Errors: corrupt, saying what is wrong with the text.
Result<Session> session_from_json(std::string_view text);

}  // namespace agentstore
