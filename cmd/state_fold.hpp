// The state of a session while it is replayed: that of several projections as one object.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agentstore/fields.hpp"
#include "agentstore/projection.hpp"

namespace agentstore::cmd {

class StateFold {
 public:
  StateFold(const std::vector<ProjectionFactory>& factories, std::string session_id);

  Result<void> apply(const EventView& event);
  std::string state() const;
  std::vector<FoldNote> notes() const;

  /// Each projection's own state, to go on from later.
  std::vector<std::string> save() const;
  Result<void> load(const std::vector<std::string>& saved);

 private:
  std::vector<ProjectionFactory> factories_;
  std::string session_id_;
  std::vector<std::unique_ptr<Projection>> projections_;
};

/// The fields that differ between two states. Without those that every event changes: how many
/// there were, and when the last one was. The views live as long as the states.
std::vector<FieldPair> changed_fields(std::string_view before, std::string_view after);

}  // namespace agentstore::cmd
