// The verification of a stored session: its log, beside what the store knows of it.

#pragma once

#include <string_view>

#include "agentstore/verification.hpp"
#include "backends/backend.hpp"

namespace agentstore {

/// The log, and the newest checkpoint beside it. Without a log there are no events; one that is in
/// `entries` as what cannot be opened is not opened.
Result<Verification> verify_session(Backend& backend, std::string_view session_id,
                                    const VerifyOptions& wanted, const SessionEntries& entries);

}  // namespace agentstore
