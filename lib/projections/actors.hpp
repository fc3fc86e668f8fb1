// Who acts in a session, and for whom: what its labels say, until an event says something else.

#pragma once

#include <optional>
#include <string>

#include "agentstore/event.hpp"
#include "agentstore/session.hpp"
#include "projections/state_text.hpp"

namespace agentstore {

class Actors {
 public:
  explicit Actors(const Labels& labels);

  void see(const EventView& event);
  /// Where nothing but the agent is asked for.
  void see_agent(const EventView& event);

  /// As they are before a state is read.
  Actors emptied() const;

  /// The version of a projection that holds these: other labels make other states.
  int version(int of_fold) const { return of_fold + labels_version_; }

  std::optional<std::string> agent_id;
  std::optional<std::string> agent_type;
  std::optional<std::string> user_id;

 private:
  int labels_version_ = 0;
};

}  // namespace agentstore
