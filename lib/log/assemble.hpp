// From callers' drafts to the bytes of one write: who is refused, which numbers the others get, and
// their sealed lines. Shared by every backend that keeps lines.

#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agentstore/append.hpp"
#include "agentstore/result.hpp"
#include "base/ids.hpp"
#include "base/sha256.hpp"
#include "log/draft.hpp"
#include "log/event_ids.hpp"
#include "log/scan.hpp"

namespace agentstore::log {

/// What goes into an event's line and needs nothing of the log.
struct Sealing {
  Salt salt;
  UuidBytes id_bytes;  ///< for an event that has no id
  Hash payload_hash;
};

/// One caller's append, and what came of it. Made in the caller's thread: whoever writes for many
/// has less to do.
struct Request {
  /// `drafts` and `options` outlive it.
  Request(std::span<const CheckedDraft> drafts, const AppendOptions& options);

  std::span<const CheckedDraft> drafts;
  const AppendOptions& options;
  std::vector<Sealing> sealings;
  Result<std::vector<Receipt>> result = std::vector<Receipt>{};
};

/// One write: empty `lines` where nothing new is to be stored.
struct Write {
  std::string lines;
  Position after;
  Timestamp last_timestamp;  ///< of its last event
  /// The fingerprints of the ids that it stores, with the offsets of their lines.
  std::vector<std::pair<std::size_t, std::uint64_t>> event_ids;
};

struct AssembleContext {
  std::string_view session_id;
  Position before;
  std::function<Timestamp()> clock;
  std::function<Result<std::optional<StoredEvent>>(std::string_view event_id)> find_event;
};

/// Judges each request against the log and against those before it, and fills in its result: to be
/// told to the caller only once the write is durable. Errors: io, from looking up an id.
Result<Write> assemble(std::span<Request* const> requests, const AssembleContext& context);

/// One event of ours: `type` begins with "agentstore.".
Write assemble_own(std::string_view type, std::string_view payload, const AssembleContext& context);

}  // namespace agentstore::log
