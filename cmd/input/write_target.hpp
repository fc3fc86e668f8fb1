// The session that a word names for writing.

#pragma once

#include <string>
#include <string_view>

#include "agentstore/store.hpp"

namespace agentstore::cmd {

/// The id of a session by its exact id or its unique name. Errors: as Selector::choose.
Result<std::string> choose_to_write(const Store& store, std::string_view word);

}  // namespace agentstore::cmd
