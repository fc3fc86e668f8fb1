// What copying sessions from one store to another came to.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/text/sink.hpp"

namespace agentstore::formats {

struct CopiedSession {
  std::string session_id;
  std::uint64_t events = 0;   ///< that were new there
  std::uint64_t already = 0;  ///< that were there before
  bool created = false;
  std::uint64_t unsealed = 0;  ///< of all of them
  std::string head = {};       ///< of what was read back, 64 hex digits
  std::optional<std::string> error = {};
  std::string forked_from = {};  ///< the session whose beginning, or all, it is; empty: its own
  std::uint64_t forked_at = 0;   ///< that one's last event that was copied
};

struct CopyAnswer {
  std::string from;
  std::string to;
  std::vector<CopiedSession> sessions = {};
};

/// agentstore/copy/1, on one line.
void write_copy_json(Sink& sink, const CopyAnswer& answer);
/// A line a session, and their sum.
void write_copy_text(Sink& sink, const CopyAnswer& answer);

}  // namespace agentstore::formats
