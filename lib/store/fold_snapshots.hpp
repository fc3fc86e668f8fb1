// Where a fold begins, and what is kept of it. A projection without a name has no snapshots.

#pragma once

#include <functional>
#include <string>

#include "agentstore/point.hpp"
#include "agentstore/result.hpp"
#include "backends/backend.hpp"
#include "log/source.hpp"
#include "store/fold.hpp"

namespace agentstore {

/// Puts `fold`, which is empty, to the newest snapshot that may be trusted and whose events all
/// count at `point`, where there is one. Errors: io.
Result<void> start_at_snapshot(Backend& backend, log::ByteSource& source, const std::string& id,
                               const Point& point, Fold& fold);

/// Tells of a snapshot that was made of more events than the log holds. `tell` may be null.
void tell_if_ahead(Backend& backend, const std::string& id, const Fold& fold,
                   const std::function<void(const std::string&)>& tell);

/// Keeps a fold of a whole log as a snapshot, where `options` say so: those that were deleted come
/// back as soon as somebody had to do without them. That nothing could be kept is no error.
void keep_fold(Backend& backend, const std::string& id, log::ByteSource& source,
               const FoldOptions& options, const Fold& fold);

}  // namespace agentstore
