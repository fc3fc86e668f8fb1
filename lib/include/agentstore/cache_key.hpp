// The key by which a store knows its own caches. A cache that somebody else made, or that came with
// a copied folder, has no MAC by this key, and is not used.

#pragma once

#include <string>

#include "agentstore/result.hpp"

namespace agentstore {

/// Whether a key that is missing is made.
enum class MissingKey { make, refuse };

/// The key of this user's caches, 32 random bytes: the content of the file that the environment
/// variable AGENTSTORE_CACHE_KEY names, else of `$XDG_STATE_HOME/agentstore/cache.key`, else of
/// `~/.local/state/agentstore/cache.key`. A missing file is made, with the folders that it needs
/// below an existing home; of several processes that make it at once, all get the same key.
/// Reads the environment, which nothing else in the library does.
/// Errors: not_found (HOME and the others are unset; with `refuse`: there is no key yet); invalid
/// (a file of another size, or one that others may read or write); io.
Result<std::string> user_cache_key(MissingKey missing = MissingKey::make);

}  // namespace agentstore
