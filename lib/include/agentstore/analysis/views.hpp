// Views: which projections answer a question that names fields, or names nothing at all; and
// several projections folded as one.

#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/ledger.hpp"
#include "agentstore/projection.hpp"
#include "agentstore/result.hpp"

namespace agentstore {

/// The built-in projections that hold fields of these names, in the order of projection_kinds(); of
/// several that hold one, the first, but of tokens `totals`, which counts a response that is told
/// of repeatedly once. `balance` holds `by_asset_BTC`, whatever assets there are.
/// Errors: invalid, naming a field that none has, and the nearest that one has.
Result<std::vector<std::string>> projections_with(std::span<const std::string> names);

/// What shows a session when nobody says what to look at: balance and pnl where it has events of
/// the ledger, else session and cost.
std::vector<std::string> overview_of(bool has_ledger_events);

/// Whether a state of the projection `session` knows of an event of the ledger.
bool has_ledger_events(std::string_view session_state, const Ledger& ledger);

/// The members of several states as one object, in their order; of several of one name the first.
/// As `without_mixed_sum` has it.
std::string joined_states(std::span<const std::string> states);

/// The assets that a state has amounts of, as the projection `balance` writes them.
std::vector<std::string> assets_in(std::string_view state);

/// The state with null for a `balance` that is a sum over several assets: of dollars and bitcoins
/// there is none. `by_asset` has each.
std::string without_mixed_sum(std::string state);

/// Errors: invalid, where one of `names`, of a condition, is the bare `balance`, and there are
/// several `assets`; names what to say instead.
Result<void> check_names(std::span<const std::string> names, std::span<const std::string> assets);

/// Several projections, folded side by side. Copies nothing of an event. Not thread-safe.
class ProjectionGroup {
 public:
  /// At the state of no events.
  ProjectionGroup(std::span<const ProjectionFactory> factories, std::string_view session_id);

  std::size_t size() const { return projections_.size(); }
  /// Lives until restore or replace.
  const Projection& operator[](std::size_t i) const { return *projections_[i]; }

  /// Folds the next event into each. Errors: as Projection::apply; the group is of no use then.
  Result<void> apply(const EventView& event);

  /// Each projection's own state, in order.
  std::vector<std::string> states() const;
  /// The states as one object; see `joined_states`. That of a single projection is its own, but for
  /// `without_mixed_sum`.
  std::string state() const;
  /// What the projections noticed since they were made or restored.
  std::vector<FoldNote> notes() const;

  /// Goes on from what `states` gave; from no events, where there are none.
  /// Errors: as Projection::from_json; the group is of no use then.
  Result<void> restore(std::span<const std::string> states);
  /// Puts a projection of the same kind, folded elsewhere, in place of one.
  void replace(std::size_t i, std::unique_ptr<Projection> projection);
  /// Whether all of them can be folded on once restored.
  bool goes_on_from_json() const;

 private:
  std::vector<ProjectionFactory> factories_;
  std::string session_id_;
  std::vector<std::unique_ptr<Projection>> projections_;
};

/// The value of a field in a state, as a condition asks for it: `by_type_error` is 0 where no event
/// was of that type, of those of the vocabulary. A view into `state`, or a constant.
std::optional<std::string_view> value_of(std::string_view state, std::string_view name);

/// The values of fields by name in a state, for Expression::is_true; nothing for one that it lacks.
/// Views into `state`.
std::vector<std::optional<std::string_view>> values_of(std::string_view state,
                                                       std::span<const std::string> names);

}  // namespace agentstore
