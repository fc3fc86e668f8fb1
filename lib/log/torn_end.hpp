// The end of a log from T on, the first place where no whole and valid write begins: is it what one
// interrupted write of ours leaves? Only that is torn, and may be cut off. Everything else was done
// by somebody else (an editor, git, a JSON library, an attacker), and is damage.
//
// A writer appends only after its last sync succeeded, and appends one write. So what a crash
// leaves are the bytes of that write from their start, with their end missing, or with zeros in
// place of whole sectors that did not reach the disk. From T on, therefore:
//
//   zeros begin at T or where a sector of the file does, and end there, or with the log
//   what begins a line begins as that line of that write does: begin_line
//   every whole line is valid, of that write, and follows the one before by number and hash
//   what is left of a line behind zeros ends as a line does
//
// Behind lines that are not sealed there may also be one line of the Go library's, cut off.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/sha256.hpp"
#include "log/line.hpp"

namespace agentstore::log {

/// What is known of T.
struct EndPlace {
  std::string_view session_id = {};   ///< empty: any
  std::uint64_t offset_bytes = 0;     ///< in the file
  std::uint64_t sequence_number = 0;  ///< of the event before it
  std::optional<Hash> head = {};      ///< h(sequence_number)
  bool after_unsealed = false;        ///< no line is before it, or one that is not sealed
};

/// Why the bytes from T to the end of the log are not what one interrupted write leaves, with the
/// offset from T; nothing where they are. Of such bytes any beginning is torn, too: what a long
/// end begins with may be enough to ask about.
std::optional<LineError> why_not_torn(std::string_view end, const EndPlace& place);

}  // namespace agentstore::log
