// Keeping snapshots: which are made, how often, and which are let go as a log grows.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "agentstore/projection.hpp"
#include "agentstore/verification.hpp"
#include "backends/backend.hpp"

namespace agentstore {

struct KeepOptions {
  /// A snapshot is due each time that so many events have come.
  std::uint64_t interval = 1000;
  /// Whether a projection may be folded from far back.
  bool thorough = true;
  Timestamp created_at;
};

/// Brings the snapshots of these projections up to date, in one pass over the events that came
/// since. A fold that noticed something has no snapshot: it would lose that.
/// Errors: those of reading, folding and writing; what can be kept is kept all the same.
Result<void> save_snapshots(Backend& backend, std::string_view session_id,
                            std::span<const ProjectionFactory> projections,
                            const KeepOptions& options);

/// Which of the snapshots at `numbers`, ascending, are let go: about 128 remain, evenly spaced, and
/// the newest.
std::vector<std::uint64_t> outdated_snapshots(std::span<const std::uint64_t> numbers,
                                              std::uint64_t interval);

struct Fold;
/// Whether the state of a fold may be a snapshot: the log is sealed where it has come to, and it
/// noticed nothing. Its size is not asked.
bool may_be_kept(const Fold& fold);
struct Thinning {
  std::uint64_t interval = 1000;
  /// Of states that are those of no events, or are large, the newest one says it all.
  bool newest_alone = false;
};
/// Which of the snapshots at `numbers` are let go once this fold, of a whole log, is kept.
std::vector<std::uint64_t> outdated_by(const Fold& fold, std::vector<std::uint64_t> numbers,
                                       const Thinning& how);

/// Compares every snapshot that is kept of these projections with a fold over the log, in one pass.
/// Errors: io.
Result<std::vector<Finding>> check_snapshots(Backend& backend, std::string_view session_id,
                                             std::span<const ProjectionFactory> projections);

}  // namespace agentstore
