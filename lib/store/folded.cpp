// Folds as an embedder has them.

#include <algorithm>
#include <utility>

#include "agentstore/store.hpp"

namespace agentstore {

State Folded::state() const {
  const auto noticed = projection->notes();
  return {.session_id = session_id,
          .projection = std::string{projection->name()},
          .last_sequence_number = last_sequence_number,
          .json = projection->to_json(),
          .report = report,
          .notes = {noticed.begin(), noticed.end()}};
}

Result<Folded> fold_events(EventReader& reader, const ProjectionFactory& make,
                           std::string session_id) {
  Folded folded{.session_id = std::move(session_id), .projection = nullptr, .report = {}};
  if (!folded.session_id.empty()) folded.projection = make(folded.session_id);
  auto done = for_each_event(reader, [&](const EventView& event) {
    if (!folded.projection) {
      folded.session_id = event.session_id;
      folded.projection = make(folded.session_id);
    }
    folded.last_sequence_number = std::max(folded.last_sequence_number, event.sequence_number);
    return folded.projection->apply(event);
  });
  if (!done) return std::unexpected(done.error());
  if (!folded.projection) folded.projection = make({});
  folded.report = reader.report();
  return folded;
}

}  // namespace agentstore
