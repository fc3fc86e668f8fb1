// Redaction: a payload removed for good, while hash, chain, root and every signature stay.
//
//   (1) an event says which payload goes, and why; (2) the log is rewritten without it;
//   (3) what was derived from it is deleted.
//
// After a crash between (1) and (2) that event is the last of the log, since the next writer
// finishes before it appends anything: so a reader looks at the last event, and hides the payload.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agentstore/result.hpp"
#include "log/line.hpp"
#include "log/source.hpp"

namespace agentstore::log {

inline constexpr std::string_view redacted_type = "agentstore.redacted";

/// What an `agentstore.redacted` event asks for.
struct Redaction {
  std::uint64_t sequence_number = 0;  ///< of the event whose payload goes
  std::uint64_t by = 0;               ///< of the event that says so
  std::string payload_hash;           ///< hex; what the payload has to be
};

/// What the event of a line asks for; nothing where it is no such event.
std::optional<Redaction> redaction_of(const Line& line);

/// What the last event of a log asks for: done already, or not yet.
Result<std::optional<Redaction>> last_redaction(ByteSource& source);

/// A line of a log, kept.
struct KeptLine {
  std::string text;
  Arena arena;
  Line line;
};

/// Errors: not_found; io.
Result<std::unique_ptr<KeptLine>> find_line(ByteSource& source, std::uint64_t sequence_number);

/// Whether a line's payload may be removed. Errors: invalid, conflict.
Result<void> check_redactable(const Line& line);

/// The payload of the event that says why.
std::string redaction_payload(const Line& line, std::string_view reason,
                              std::string_view requested_by);

/// Whether a line is the one that a redaction names, and its payload still stands.
bool is_target(const Redaction& redaction, const Line& line);

/// Gives the log without the payload to `write`, in large pieces.
Result<void> copy_without_payload(ByteSource& source, const Redaction& redaction,
                                  const std::function<Result<void>(std::string_view)>& write);

/// Hides the payload that `redaction` names, where it still stands. The new text goes to `arena`.
void hide(Line& line, const Redaction& redaction, Arena& arena);

}  // namespace agentstore::log
