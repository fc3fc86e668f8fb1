// Events of several sessions, by their names.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace agentstore::formats {

/// An event of one of several sessions.
struct EventName {
  std::string session_id;
  std::uint64_t sequence_number = 0;
};

/// Several sessions that an answer is about as one.
struct SeveralSessions {
  std::uint64_t count = 0;
  /// The event of a number in the answer.
  std::function<EventName(std::uint64_t)> name;
};

/// "S#12", or "#12" without a session; not escaped.
inline std::string text_of(const EventName& name) {
  return name.session_id + '#' + std::to_string(name.sequence_number);
}

/// Of an answer about several sessions, or about one, which is not named.
inline EventName event_of(const std::optional<SeveralSessions>& several, std::uint64_t number) {
  return several ? several->name(number) : EventName{.session_id = {}, .sequence_number = number};
}

}  // namespace agentstore::formats
