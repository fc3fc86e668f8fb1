// What-ifs: a history with some of its events left out, changed or added, and what it would have
// come to. Later events are taken as recorded: nothing is executed again, and the session that is
// asked about is only read.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agentstore/analysis/event_name.hpp"
#include "agentstore/ledger.hpp"
#include "agentstore/point.hpp"
#include "agentstore/projection.hpp"
#include "agentstore/reader.hpp"
#include "agentstore/result.hpp"
#include "agentstore/store.hpp"

namespace agentstore {

/// What is altered. Events are named by sequence number.
struct Alterations {
  std::set<std::uint64_t> without = {};
  std::vector<std::string> without_types = {};  ///< patterns, as in Filter
  /// Payloads in place of others: JSON text.
  std::map<std::uint64_t, std::string> replaced = {};
  /// Behind an event, in order; behind 0: before the first.
  std::map<std::uint64_t, std::vector<Draft>> inserted = {};
  /// Events later than this did not happen.
  std::optional<Timestamp> until = std::nullopt;
  /// Leaves out what depended on an event that is left out, too: by causation id, by the id of the
  /// tool call that it answers, by the id of the bet; and what depended on that.
  bool cascade = false;

  bool empty() const {
    return without.empty() && without_types.empty() && replaced.empty() && inserted.empty() &&
           !until;
  }
};

/// An event that is left out.
struct Dropped {
  std::uint64_t sequence_number = 0;
  std::string event_id;  ///< empty in lines of the Go library
  std::string why;
};

/// Something to know about the answer.
struct WhatIfWarning {
  std::uint64_t sequence_number = 0;  ///< 0: of no single event
  std::string text;
};

/// A state as it is, and as it would be: JSON text.
struct StatePair {
  std::string actual;
  std::string counterfactual;
};

struct WhatIf {
  std::uint64_t events_actual = 0;
  std::uint64_t events_counterfactual = 0;
  /// The first event that is not as it was; absent: there is no such event.
  std::optional<std::uint64_t> first_divergence;
  std::optional<Timestamp> first_divergence_at;
  std::vector<Dropped> dropped;  ///< the first hundred thousand
  std::uint64_t dropped_count = 0;
  std::vector<WhatIfWarning> warnings;  ///< the first thousand
  std::uint64_t warning_count = 0;
  std::vector<StatePair> states;  ///< one for each projection
  std::vector<FoldNote> notes;    ///< what the folds of either history noticed
  ReadReport report;
};

/// Where a history is read from. That of several sessions has no id, and numbers of its own.
struct History {
  std::string session_id;
  Labels labels = {};  ///< of the session, where they are known
  EventSource read;
  /// A fold of the events up to a point, perhaps from a snapshot; null: they are read.
  std::function<Result<std::unique_ptr<Projection>>(const ProjectionFactory&, const Point&)> fold =
      nullptr;
  /// Of its events, in what is said of them.
  EventNaming name = nullptr;
};

/// The history of a stored session. Lives as long as `store`.
History history_of(const Store& store, std::string session_id);

/// Folds the history as it is and as altered, from its first altered event on: what is before it
/// comes from snapshots where it can. Warns of events that answer one left out and are kept, and of
/// balances that go below zero only in the altered history.
/// Errors: not_found (an event that is named and not there); invalid (a payload or draft that could
/// not be stored, naming the event; an event that is both left out and replaced); those of reading.
Result<WhatIf> what_if(const History& history, const Alterations& alterations,
                       std::span<const ProjectionFactory> projections, const Ledger& ledger = {},
                       OnCorrupt on_corrupt = OnCorrupt::strict);

/// A history that was written as a session of its own.
struct SavedHistory {
  std::string session_id;
  std::uint64_t events = 0;  ///< without those that say what was redacted
};

/// Writes the altered history into `store` as the new session `wanted`, with new event ids; each
/// event's metadata says under `forked_from` which one it was. Causation ids that name events of
/// the history follow. Events of the store's own are left out; what they redacted is redacted in
/// the new session, too, by events of its own at its end. Without alterations it is a fork of
/// the history as it is. Durable on return. Memory: 8 bytes for each event. Errors: as what_if,
/// create_session, append; an error while events are appended leaves those before it.
Result<SavedHistory> save_what_if(const History& history, const Alterations& alterations,
                                  Store& store, const NewSession& wanted);

}  // namespace agentstore
