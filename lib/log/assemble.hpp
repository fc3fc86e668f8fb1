// From callers' drafts to the bytes of one write: who is refused, which numbers the others get, and
// their sealed lines.

#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "log/append_validator.hpp"
#include "log/scan.hpp"

namespace agentstore::log {

/// Draws random bytes for a request, and hashes its payloads: in its caller's thread, so that
/// whoever writes for many has less to do.
void prepare(Request& request);

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

/// Judges each request, which was prepared, against the log and against those before it, and fills
/// in its result: to be told to the caller only once the write is durable. Errors: io, from looking
/// up an id.
Result<Write> assemble(std::span<Request* const> requests, const AssembleContext& context);

/// Events of ours of one type, which begins with "agentstore.", one a payload; fills in the numbers
/// and hashes of `receipts`.
Write assemble_own(std::string_view type, std::span<const std::string> payloads,
                   const AssembleContext& context, std::vector<Receipt>& receipts);
/// One event of ours.
Write assemble_own(std::string_view type, std::string_view payload, const AssembleContext& context);

}  // namespace agentstore::log
