// What to say of a word that names no session, or several.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/result.hpp"
#include "agentstore/session.hpp"
#include "cmd/input/input.hpp"

namespace agentstore::cmd {

/// The first ten of them, by id and name.
std::string candidates_text(const std::vector<Session>& found);

/// not_found, with the first few of the candidates.
Error ambiguous(std::string_view word, const std::vector<Session>& found);

/// The same, with the places of the candidates, where they are in several.
Error ambiguous(std::string_view word, const std::vector<std::unique_ptr<Input>>& found);

/// not_found, with the nearest id or name of those that are there.
Error unknown(std::string_view word, const std::vector<Session>& sessions);

/// Whether an error says that a session is there, and something else is wrong.
bool is_refusal(const Error& error);

}  // namespace agentstore::cmd
