// The waterfall: when each call ran and for how long, a lane an agent, as inline SVG.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/page/time_axis.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// A call of a tool. Texts are untrusted.
struct CallSpan {
  std::uint64_t sequence_number = 0;
  std::int64_t begin_ms = 0;
  std::int64_t end_ms = 0;
  bool failed = false;
  bool unanswered = false;  ///< no result tells when it ended
  std::string words;        ///< "Bash  mise run test"
};

/// The calls of one agent, in the order of their events.
struct Lane {
  std::string name;  ///< untrusted; of the session's own agent empty
  std::string page;  ///< of a sub-agent: the file of its page; empty: none is known
  std::vector<CallSpan> calls = {};
};

/// What somebody said, and when.
struct MessageMark {
  std::uint64_t sequence_number = 0;
  std::int64_t at_ms = 0;
};

/// Writes the SVG. Calls that overlap lie below one another; of those that would lie on one
/// another, a bar says how many there are. `messages`: marks above all lanes.
void write_waterfall(Sink& sink, const std::vector<Lane>& lanes,
                     const std::vector<MessageMark>& messages, const TimeAxis& axis,
                     const Clock& clock);

}  // namespace agentstore::formats
