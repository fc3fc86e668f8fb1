// Folding a long log: every core reads, parses and hashes chunks of it; the events of a chunk
// are folded in order, by one thread, once all before it were.

#pragma once

#include <functional>

#include "log/scan.hpp"
#include "log/source.hpp"
#include "store/parts.hpp"

namespace agentstore {

/// Gives every event behind `scan.start` to `apply`, in the calling thread; the views live as long
/// as the call. `scan` is strict and names the session; `end` is where it came to. Seals are
/// checked before an event is given. Errors: as LogReader; those of `apply`.
Result<ReadReport> fold_in_parts(log::ByteSource& source, const log::ScanOptions& scan,
                                 const std::function<Result<void>(const EventView&)>& apply,
                                 log::Position& end, const log::Cuts& cuts = {});

}  // namespace agentstore
