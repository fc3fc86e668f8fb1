// What is said beside a log of how many events it has to hold: by its checkpoints, and by the
// session's file. A log with fewer has lost acknowledged events.

#pragma once

#include <cstdint>

#include "agentstore/result.hpp"
#include "base/file.hpp"
#include "log/source.hpp"
#include "log/writer_options.hpp"

namespace agentstore::log {

/// The greatest size that a note in the folder is named after; 0 where there is none.
Result<std::uint64_t> newest_checkpoint_size(System& system, const Path& checkpoints);

/// Unlike a reader, a writer does not go on where that cannot be read. Errors: io.
Result<DueEvents> due_events(System& system, const WriterOptions& options);

/// The refusal of a log that ends at `events`, and has to hold more.
std::unexpected<Error> lost_events(const WriterOptions& options, const DueEvents& due,
                                   std::uint64_t events);

/// Errors: corrupt, where a log of that many events has lost some; io.
Result<void> check_not_lost(System& system, const WriterOptions& options, std::uint64_t events);

/// Has the session's file count no more than `events` as synced. To be called before the log is
/// changed, so that no reader takes it for one that has lost events again. Errors: io.
Result<void> lower_synced_events(System& system, const WriterOptions& options,
                                 std::uint64_t events);

}  // namespace agentstore::log
