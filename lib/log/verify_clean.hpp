// Verifying a log with which nothing is wrong, by as many threads as there are cores. Each takes
// chunks of the log, checks every line and what links it to the one before, and hashes its part
// of the Merkle tree; one thread joins the chunks in order. Where anything is unusual the answer
// is nothing, and the scan in order says what it is.

#pragma once

#include <optional>
#include <string>

#include "agentstore/result.hpp"
#include "agentstore/verification.hpp"
#include "log/chunk.hpp"
#include "log/source.hpp"

namespace agentstore::log {

/// The verdict clean or unsealed, without a finding; or nothing. `session_id` empty: that of the
/// first line. Memory: a few MiB a thread. Errors: io.
Result<std::optional<Verification>> verify_clean(ByteSource& source, std::string session_id,
                                                 const VerifyOptions& options,
                                                 const Cuts& cuts = {
                                                     .line_bytes_max = line_bytes_max});

}  // namespace agentstore::log
