// Folds of a session up to a point in time, from the newest snapshot that they can start at.

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "agentstore/point.hpp"
#include "agentstore/projection.hpp"
#include "agentstore/reader.hpp"
#include "agentstore/result.hpp"
#include "backends/backend.hpp"
#include "log/scan.hpp"

namespace agentstore {

/// A fold, and where it has come to.
struct Fold {
  std::unique_ptr<Projection> projection;
  log::Position position;                  ///< behind the events that were looked at
  std::uint64_t last_sequence_number = 0;  ///< of the last event that counted
  Timestamp max_timestamp = zero_time;
  bool monotonic = true;         ///< times never ran backwards so far
  std::uint64_t started_at = 0;  ///< the event of the snapshot that it began at
  ReadReport report;

  /// Folds the next event that counts in. Errors: as Projection::apply.
  Result<void> apply(const EventView& event);
};

struct FoldOptions {
  Point point = {};
  OnCorrupt on_corrupt = OnCorrupt::strict;
  /// Where there are some, no snapshot is used: it would hold another state. May be null.
  const Upcasts* upcasts = nullptr;
  /// Told of a snapshot that is ahead of the log. May be null.
  std::function<void(const std::string&)> on_notice = nullptr;
  /// A fold of the whole log that had to fold so many events is kept as a snapshot; 0: none is.
  std::uint64_t keep_after_events = 0;
  bool keep_newest_alone = false;
  Timestamp now = zero_time;  ///< for what is kept
};

/// Errors: as Store::fold. That nothing could be kept is none.
Result<Fold> fold_session(Backend& backend, std::string_view session_id,
                          const ProjectionFactory& make, const FoldOptions& options);

}  // namespace agentstore
