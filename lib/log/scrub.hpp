// Quarantined bytes and a redaction: what of them is a payload that goes is overwritten, and
// nothing else. A torn write, or a whole damaged log, holds other events, too, which must stay.
//
// The bytes fall into fragments, between newlines and runs of NUL; one fragment is of one event.
// Whose it is:
//   1. The event id in its envelope; else, of a fragment that begins later, the event's salt or
//      hash. Of the event itself, all from the payload on goes.
//   2. Another event's stays; but where the log has no event of that id, and it holds the very
//      payload, or the beginning of it up to a cut, it is a copy that was never acknowledged: its
//      payload goes. So does that of a line without an id.
//   3. A fragment that does not say loses every run of bytes that it shares with the payload.

#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "log/redaction.hpp"

namespace agentstore::log {

/// Shorter runs and payloads are found by chance.
inline constexpr std::size_t telling_bytes_min = 8;

class Scrubber {
 public:
  /// `lines`, with their payloads, outlive it. `in_log`: whether the log has an event of that id.
  Scrubber(const KeptLines& lines, std::function<Result<bool>(std::string_view event_id)> in_log)
      : lines_{lines}, in_log_{std::move(in_log)} {}

  /// Overwrites in `bytes` what goes; says whether there was anything. Errors: those of `in_log`.
  Result<bool> scrub(std::string& bytes) const;

 private:
  Result<bool> scrub_fragment(std::string& bytes, std::size_t from, std::size_t to) const;
  Result<bool> is_copy(std::string_view payload, bool cut, std::string_view event_id) const;

  const KeptLines& lines_;
  std::function<Result<bool>(std::string_view event_id)> in_log_;
};

}  // namespace agentstore::log
