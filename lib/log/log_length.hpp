// How far a log reaches: how many events it holds, and when the last one happened.

#pragma once

#include <cstdint>
#include <string>

#include "agentstore/result.hpp"
#include "agentstore/timestamp.hpp"
#include "log/chunk.hpp"
#include "log/source.hpp"

namespace agentstore::log {

struct LogLength {
  std::uint64_t events = 0;
  Timestamp last_at;
};

/// From the last line where it is whole and sealed. Else the events that can be read are counted,
/// of a long log by the ends of their lines, as far as nothing is unusual there. Errors: io.
Result<LogLength> length_of(ByteSource& source, const std::string& session_id,
                            const Cuts& cuts = {});

}  // namespace agentstore::log
