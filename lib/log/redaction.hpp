// Redaction: a payload removed for good, while hash, chain, root and every signature stay.
//
//   (1) events, in one write, say which payloads go, and why; (2) the log is rewritten without
//   them; (3) what was derived from them is deleted.
//
// After a crash between (1) and (2) that write is the last of the log, since the next writer
// finishes before it appends anything: so a reader looks at the last write, and hides the payloads.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

/// What the events of one write ask for.
class Redactions {
 public:
  void add(Redaction redaction);
  bool empty() const { return by_target_.empty(); }
  std::size_t size() const { return by_target_.size(); }
  /// The redaction that names a line whose payload is still there; null: none does.
  const Redaction* of(const Line& line) const;

 private:
  std::map<std::uint64_t, Redaction> by_target_;
};

/// What the last write of a log asks for: done already, or not yet. Empty where it asks for
/// nothing, or is not whole.
Result<Redactions> last_redactions(ByteSource& source);

/// A line of a log, kept.
struct KeptLine {
  std::string text;
  Arena arena;
  Line line;
};

using KeptLines = std::vector<std::unique_ptr<KeptLine>>;

/// The lines of these events, in the order of the log. Errors: not_found; io.
Result<KeptLines> find_lines(ByteSource& source, std::span<const std::uint64_t> sequence_numbers);
/// The lines whose payloads are still to go. Errors: io.
Result<KeptLines> find_targets(ByteSource& source, const Redactions& redactions);

/// The payload of the event that says why.
std::string redaction_payload(const Line& line, std::string_view reason,
                              std::string_view requested_by);
/// The same of each of the lines. Errors: invalid, conflict, where a payload may not be removed.
Result<std::vector<std::string>> redaction_payloads(const KeptLines& lines, std::string_view reason,
                                                    std::string_view requested_by);

/// Views of the payloads, which live as long as the lines.
std::vector<std::string_view> payloads_of(const KeptLines& lines);

/// The redactions of these lines by events numbered from `first_by` on, one each.
Redactions redactions_of(const KeptLines& lines, std::uint64_t first_by);

/// Gives the log without the payloads to `write`, in large pieces.
Result<void> copy_without_payloads(ByteSource& source, const Redactions& redactions,
                                   const std::function<Result<void>(std::string_view)>& write);

/// Hides a payload that is named, where it is still there. The new text goes to `arena`.
void hide(Line& line, const Redactions& redactions, Arena& arena);

}  // namespace agentstore::log
