#include "cmd/input/fold_sessions.hpp"

namespace agentstore::cmd {

Result<SessionsState> fold_sessions(EventReader& reader, const ProjectionFactory& make) {
  SessionsState sessions;
  const auto projection = make("");
  std::vector<std::string> owners;  // of the notes, which say nothing of a session
  const auto read = for_each_event(reader, [&](const EventView& event) -> Result<void> {
    ++sessions.events;
    auto applied = projection->apply(event);
    owners.resize(projection->notes().size(), std::string{event.session_id});
    return applied;
  });
  if (!read) return std::unexpected{read.error()};
  sessions.state.projection = projection->name();
  sessions.state.json = projection->to_json();
  sessions.state.report = reader.report();
  for (std::size_t i = 0; i < owners.size(); ++i)
    sessions.notes[owners[i]].push_back(projection->notes()[i]);
  return sessions;
}

}  // namespace agentstore::cmd
