// Holding a log to everything that agentstore-log(5) says, hashes and redactions included.

#pragma once

#include "agentstore/result.hpp"
#include "agentstore/verification.hpp"
#include "log/source.hpp"

namespace agentstore::log {

/// Reads the log once. `session_id` empty: that of the first line. `outside`: of a store; it may be
/// an extract, and a last line without a newline counts if it is whole and no line is sealed.
/// `lines_before` are counted in findings. `events_due`: as in ScanOptions. Errors: io.
Result<Verification> verify(ByteSource& source, std::string session_id, bool outside,
                            const VerifyOptions& options = {}, std::uint64_t lines_before = 0,
                            std::uint64_t events_due = 0);

}  // namespace agentstore::log
