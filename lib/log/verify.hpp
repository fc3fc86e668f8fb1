// Holding a log to everything that agentstore-log(5) says, hashes and redactions included.

#pragma once

#include "agentstore/result.hpp"
#include "agentstore/verification.hpp"
#include "log/source.hpp"

namespace agentstore::log {

/// Reads the log once. `session_id` empty: that of the first line. Errors: io.
Result<Verification> verify(ByteSource& source, std::string session_id, bool accept_unterminated,
                            const VerifyOptions& options = {});

}  // namespace agentstore::log
