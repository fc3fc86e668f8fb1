// The last write of a log, found from its end.

#pragma once

#include <optional>
#include <string>

#include "agentstore/result.hpp"
#include "log/scan.hpp"
#include "log/source.hpp"

namespace agentstore::log {

/// The place after the last write: one that is whole, sealed, and hangs together, whose hashes are
/// checked. Reads the last 64 KiB, or as much as that write needs, and the first few bytes; of all
/// else it says nothing. Nothing where no such write ends the log: it is empty, torn, of the Go
/// library, or begins with what an editor or a compressor puts there. Errors: io.
Result<std::optional<Position>> find_last_write(ByteSource& source, const std::string& session_id);

}  // namespace agentstore::log
