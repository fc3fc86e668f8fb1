// A SQLite database as the output of a command.

#pragma once

#include <functional>
#include <string>

#include "agentstore/result.hpp"
#include "cmd/context.hpp"

namespace agentstore::cmd {

/// Has `fill` write a database at the path that it is given, a new file of our own in TMPDIR, else
/// /tmp, and puts what it wrote into the context's output. Nothing of it is left behind.
/// Errors: io; those of `fill`.
Result<void> write_database(Context& context,
                            const std::function<Result<void>(const std::string& path)>& fill);

}  // namespace agentstore::cmd
