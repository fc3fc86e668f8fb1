// The session that a word names for writing.

#pragma once

#include <string>
#include <string_view>

#include "agentstore/store.hpp"
#include "cmd/context.hpp"

namespace agentstore::cmd {

/// A session that is there, and its store.
struct WriteTarget {
  Store store;
  std::string session_id;
};

/// Opens the store that was chosen, and finds the session by its exact id or its unique name.
/// Errors: as Store::open; as Selector::choose.
Result<WriteTarget> open_to_write(Context& context, std::string_view word,
                                  StoreOptions options = {.create = false});

}  // namespace agentstore::cmd
