// Projections: a fold over events, and the state that it makes. Same events, same bytes.

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "agentstore/event.hpp"
#include "agentstore/result.hpp"

namespace agentstore {

/// A fold. Write a class with these to add one of your own; it sees no store, no file, no clock.
class Projection {
 public:
  virtual ~Projection() = default;

  /// [a-z][a-z0-9_]*; names its snapshots.
  virtual std::string_view name() const = 0;
  /// Changes whenever the same events would give another state: older snapshots are then ignored.
  virtual int version() const = 0;

  /// Folds the next event in. The views live only for the call. Errors: overflow, naming the event.
  virtual Result<void> apply(const EventView& event) = 0;

  /// The state as JSON text; equal states give equal bytes.
  virtual std::string to_json() const = 0;
  /// Takes a state that to_json gave. Errors: corrupt, and this object is as it was.
  virtual Result<void> from_json(std::string_view json) = 0;
};

/// Makes an empty projection for a session.
using ProjectionFactory = std::function<std::unique_ptr<Projection>(std::string_view session_id)>;

/// The default projection, `session`: the state of the Go library, field for field.
std::unique_ptr<Projection> make_session_projection(std::string_view session_id);

}  // namespace agentstore
