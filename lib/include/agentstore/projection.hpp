// Projections: a fold over events, and the state that it makes. Same events, same bytes.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "agentstore/event.hpp"
#include "agentstore/ledger.hpp"
#include "agentstore/result.hpp"
#include "agentstore/session.hpp"

namespace agentstore {

/// What a fold noticed at an event.
struct FoldNote {
  enum class Kind {
    incomplete,  ///< what it needed was redacted, or cannot be read: the state lacks it
    finding,     ///< the payload does not say what its type promises; `message` says what was done
    remark,      ///< nothing is wrong, but a reader of the state may take it for something else
  };
  Kind kind = Kind::finding;
  std::uint64_t sequence_number = 0;
  std::string message;
};

/// A fold. Write a class with these to add one of your own; it sees no store, no file, no clock.
/// For one thread at a time; nothing of it blocks. What `apply` throws reaches whoever asked for
/// the state, and the projection is dropped.
///
///   class Greetings final : public Projection {
///     Result<void> apply(const EventView& event) override { n_ += event.type == "hello"; return
///     {}; } std::string to_json() const override { return "{\"n\":" + std::to_string(n_) + "}"; }
///     // …
///   };
///   store.state(id, [](std::string_view) { return std::make_unique<Greetings>(); });
class Projection {
 public:
  virtual ~Projection() = default;

  /// [a-z][a-z0-9_]*; names its snapshots.
  virtual std::string_view name() const = 0;
  /// Changes whenever the same events would give another state: older snapshots are then ignored.
  virtual int version() const = 0;

  /// Whether `apply` looks at the line, the hash or the offset of an event. Off: a store in memory
  /// folds faster, since it need not make them.
  virtual bool looks_at_lines() const { return true; }

  /// Folds the next event in. The views live only for the call. Errors: overflow, naming the event.
  virtual Result<void> apply(const EventView& event) = 0;

  /// The state as JSON text; equal states give equal bytes.
  virtual std::string to_json() const = 0;
  /// Takes a state that to_json gave. Errors: corrupt, and this object is as it was.
  virtual Result<void> from_json(std::string_view json) = 0;
  /// Whether a state that from_json took can be folded on. Off: it lacks what later events need.
  virtual bool goes_on_from_json() const { return true; }

  /// What it noticed, in order; the views live until the next apply. A fold that noticed something
  /// is not saved as a snapshot, which would lose it.
  virtual std::span<const FoldNote> notes() const { return {}; }
};

/// Makes an empty projection for a session.
using ProjectionFactory = std::function<std::unique_ptr<Projection>(std::string_view session_id)>;

/// The default projection, `session`: the state of the Go library, field for field.
std::unique_ptr<Projection> make_session_projection(std::string_view session_id);

/// A projection that is built in.
struct ProjectionKind {
  std::string_view name;
  bool snapshotted = true;  ///< off: its state grows with the log
};
/// session, balance, pnl, portfolio, conversation, summary, progress, status, cost,
/// totals.
std::span<const ProjectionKind> projection_kinds();

/// The factory of a built-in projection; `ledger` is copied where it is needed. The session's
/// labels `agent_id`, `agent_type` and `user_id` count in summary, progress and status, until an
/// event says something else. Errors: invalid, listing the names.
Result<ProjectionFactory> projection_named(std::string_view name, const Ledger& ledger = {},
                                           const Labels& labels = {});

}  // namespace agentstore
