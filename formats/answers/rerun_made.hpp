// What asking a candidate came to: a line a session.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agentstore/result.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// A session whose turns were asked.
struct MadeRerun {
  std::string session_id = {};  ///< of the answers; empty: there is none
  std::string rerun_of;
  std::uint64_t turns = 0;     ///< that it has
  std::uint64_t asked = 0;     ///< now
  std::uint64_t already = 0;   ///< answered before
  std::uint64_t failed = 0;    ///< of those asked now
  std::uint64_t redacted = 0;  ///< that cannot be asked: their words are gone
  std::string first_failure = {};
  std::optional<Error> refused = {};  ///< why it was given up
};

/// agentstore/rerun-made/1, on one line.
void write_made_json(Sink& sink, const std::vector<MadeRerun>& made);
/// A line a session, and their sum.
void write_made_text(Sink& sink, const std::vector<MadeRerun>& made, const Screen& screen);

}  // namespace agentstore::formats
