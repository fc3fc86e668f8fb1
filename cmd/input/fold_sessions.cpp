#include "cmd/input/fold_sessions.hpp"

namespace agentstore::cmd {

Result<SessionsState> fold_sessions(std::span<const EventView> events,
                                    const ProjectionFactory& make) {
  SessionsState sessions{.projection = make(""), .notes = {}};
  Projection& fold = *sessions.projection;
  std::size_t noticed = 0;  // notes say nothing of a session
  for (const EventView& event : events) {
    auto applied = fold.apply(event);
    for (; noticed < fold.notes().size(); ++noticed)
      sessions.notes[std::string{event.session_id}].push_back(fold.notes()[noticed]);
    if (applied) continue;
    applied.error().message =
        "session " + std::string{event.session_id} + ": " + applied.error().message;
    return std::unexpected{applied.error()};
  }
  return sessions;
}

}  // namespace agentstore::cmd
