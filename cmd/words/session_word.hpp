// What a word on the command line says of a session: which one, and at which of its events.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace agentstore::cmd {

/// `S@12` is session S at event 12; of any other word all is the session.
struct SessionWord {
  std::string_view session;  ///< a view into the word
  /// A number that does not fit is the greatest: no session has such an event.
  std::optional<std::uint64_t> sequence_number = std::nullopt;
};
SessionWord parse_session_word(std::string_view word);

/// Whether a session's word is a log's path, or "-" for standard input.
bool is_path(std::string_view session);

}  // namespace agentstore::cmd
