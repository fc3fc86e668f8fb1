// Importing pages of transactions into a session.

#pragma once

#include "cmd/context.hpp"
#include "cmd/options.hpp"

namespace agentstore::cmd {

/// Whether --as asks for it.
bool is_of_transactions(const ImportCommand& options);
/// Appends what the session lacks of each file, all of it or nothing.
int import_transactions(Context& context, const ImportCommand& options);

}  // namespace agentstore::cmd
