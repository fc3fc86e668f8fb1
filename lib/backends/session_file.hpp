// sessions/<id>.json: who a session is, in the Go library's form.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agentstore/result.hpp"
#include "agentstore/session.hpp"

namespace agentstore {

/// A session whose texts stand elsewhere.
struct SessionView {
  std::string_view id;
  std::string_view name;
  std::vector<std::pair<std::string_view, std::string_view>> labels;  ///< by key, each once
  Timestamp created_at;
  Timestamp updated_at;
  std::uint64_t event_count = 0;
};
SessionView view_of(const Session& session);

/// `synced_events`: how many of its events its writers know to be on stable storage; 0: not said.
std::string session_to_json(const Session& session, std::uint64_t synced_events = 0);
/// What the text of a session file says of that; 0 where it says nothing, or cannot be used.
std::uint64_t synced_events_in(std::string_view text);
/// Whether a power cut may have left a file that was not synced so: without its content, or with
/// sectors of zeros in it. Who made it was not told that it is there.
bool is_torn_session(std::string_view text);
/// Errors: corrupt, saying what is wrong with the text.
Result<Session> session_from_json(std::string_view text);
/// The same, some times faster, of a text as session_to_json and the Go library write it, in ASCII
/// without escapes; views into it. False where it is any other text: then session_from_json
/// decides.
bool read_plain_session(std::string_view text, SessionView& into);

}  // namespace agentstore
