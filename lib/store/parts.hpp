// Reading one log by parts: chunks whose lines are as usual are taken apart side by side, each
// line only as far as someone asks; all else is left to the reader in order.

#pragma once

#include "agentstore/filter.hpp"
#include "agentstore/parts.hpp"
#include "log/scan.hpp"
#include "log/source.hpp"
#include "store/chunk_worker.hpp"

namespace agentstore {

/// Reads `source` from `scan.start` on as a LogReader would, with the same answer on a log that
/// verifies. `end`, where it is not null, is where it came to. Errors: as LogReader; as Part::take.
Result<ReadReport> read_log_in_parts(log::ByteSource& source, log::ScanOptions scan, Filter filter,
                                     const Upcasts* upcasts, const Parts& parts,
                                     const log::Cuts& cuts = {}, log::Position* end = nullptr);

}  // namespace agentstore
