// Hits in the sessions of a store: every log is looked through, and those are read that may have
// one.

#pragma once

#include "agentstore/store.hpp"
#include "cmd/context.hpp"
#include "cmd/search/transcript_search.hpp"

namespace agentstore::cmd {

/// Of a log that is damaged, the hits before the damage. Errors: as Store::sessions and
/// Store::upcasts.
Result<PlaceHits> search_store(Context& context, const Store& store, const Search& search);

}  // namespace agentstore::cmd
