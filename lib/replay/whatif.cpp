// Two folds of each projection over one reading: of what is recorded, and of what the alterations
// make of it. Both begin at the first event that may be altered.

#include "agentstore/analysis/whatif.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "agentstore/analysis/views.hpp"
#include "agentstore/decimal.hpp"
#include "agentstore/json.hpp"
#include "replay/alter.hpp"

namespace agentstore {
namespace {

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

// The projections of both histories.
struct Sides {
  ProjectionGroup actual;
  ProjectionGroup counterfactual;
};

// Both sides, folded up to and with event `last`, which is 0 where the history has no fold.
Result<Sides> make_sides(const History& history, std::span<const ProjectionFactory> makers,
                         std::uint64_t last) {
  Sides sides{{makers, history.session_id}, {makers, history.session_id}};
  if (last == 0) return sides;
  for (std::size_t i = 0; i < makers.size(); ++i) {
    auto folded = history.fold(makers[i], {.sequence_number = last});
    if (!folded) return std::unexpected(folded.error());
    sides.actual.replace(i, std::move(*folded));
  }
  if (auto copied = sides.counterfactual.restore(sides.actual.states()); !copied)
    return std::unexpected(copied.error());
  for (std::size_t i = 0; i < makers.size(); ++i) {
    if (makers[i](history.session_id)->goes_on_from_json()) continue;
    auto folded = history.fold(makers[i], {.sequence_number = last});
    if (!folded) return std::unexpected(folded.error());
    sides.counterfactual.replace(i, std::move(*folded));
  }
  return sides;
}

// The first event that any alteration may be about.
Result<std::uint64_t> first_altered(const History& history, const Alterations& alterations,
                                    std::uint64_t first_named, OnCorrupt on_corrupt) {
  Filter filter;
  if (alterations.without_types.empty() && !alterations.until) return first_named;
  filter.predicate = [&](const EventView& event) {
    if (event.sequence_number >= first_named) return true;
    if (alterations.until && event.timestamp > *alterations.until) return true;
    return std::ranges::any_of(alterations.without_types, [&](const std::string& pattern) {
      return matches_pattern(pattern, event.type);
    });
  };
  const auto reader = history.read({.filter = std::move(filter), .on_corrupt = on_corrupt});
  if (!reader) return std::unexpected(reader.error());
  const auto batch = (*reader)->next();
  if (!batch) return std::unexpected(batch.error());
  return batch->empty() ? never : batch->front().sequence_number;
}

// Watches the balances of both histories for what only the altered one overdraws.
class Overdrafts {
 public:
  Overdrafts(const Projection& actual, const Projection& altered, const Ledger& ledger)
      : actual_{actual}, altered_{altered}, ledger_{ledger} {}

  // After an event of the altered history.
  void look(const EventView& event, Alterer& alterer) {
    const bool added = alterer.gives_inserted;
    if (!(added || alterer.first_divergence) || !ledger_.types.contains(event.type)) return;
    const std::string what = added ? "the " + std::string{event.type} + " added here " : "";
    const std::string actual = actual_.to_json();
    const std::string altered = altered_.to_json();
    const auto held = json::find(altered, "by_asset").value_or("{}");
    const auto held_actual = json::find(actual, "by_asset").value_or("{}");
    std::set<std::string> below;
    for (json::Walk walk{held}; walk.next();) {
      if (!walk.value().starts_with('-')) continue;
      std::string asset = json::text_of(walk.key());
      const bool also_actual = json::find(held_actual, asset).value_or("0").starts_with('-');
      if (!also_actual && !below_.contains(asset))
        alterer.warn(event.sequence_number, what + "would overdraw by " +
                                                std::string{walk.value().substr(1)} + " " +
                                                (asset.empty() ? "\"\"" : asset));
      below.insert(std::move(asset));
    }
    below_ = std::move(below);
  }

 private:
  const Projection& actual_;
  const Projection& altered_;
  const Ledger& ledger_;
  std::set<std::string> below_;  // assets whose altered balance was below zero
};

Result<void> run(EventReader& reader, const History& history, Alterer& alterer, Sides& sides,
                 Overdrafts& overdrafts, WhatIf& answer) {
  const auto give = [&](const EventView& event) -> Result<void> {
    ++answer.events_counterfactual;
    if (auto applied = sides.counterfactual.apply(event); !applied) return applied;
    overdrafts.look(event, alterer);
    return {};
  };
  const auto done = for_each_event(reader, [&](const EventView& event) -> Result<void> {
    ++answer.events_actual;
    if (auto applied = sides.actual.apply(event); !applied) return applied;
    return alterer.take(event, give);
  });
  return done ? alterer.end(history.session_id, give) : done;
}

}  // namespace

History history_of(const Store& store, std::string session_id) {
  const auto session = store.session(session_id);
  History history{
      .session_id = session_id, .labels = session ? session->labels : Labels{}, .read = nullptr};
  history.read = [&store, session_id](ReadOptions options) {
    return store.read(session_id, std::move(options));
  };
  history.fold = [&store, session_id](const ProjectionFactory& make,
                                      const Point& point) -> Result<std::unique_ptr<Projection>> {
    auto folded = store.fold(session_id, make, point);
    if (!folded) return std::unexpected(folded.error());
    return std::move(folded->projection);
  };
  return history;
}

Result<WhatIf> what_if(const History& history, const Alterations& alterations,
                       std::span<const ProjectionFactory> projections, const Ledger& ledger,
                       OnCorrupt on_corrupt) {
  auto alterer = Alterer::make(alterations, history.name);
  if (!alterer) return std::unexpected(alterer.error());
  const auto first = first_altered(history, alterations, alterer->first_named(), on_corrupt);
  if (!first) return std::unexpected(first.error());
  // Where nothing is altered, all is read; in a log with gaps, numbers do not count events; and
  // without snapshots one reading serves all projections.
  const bool from_start = *first == never || on_corrupt != OnCorrupt::strict || !history.fold;
  const std::uint64_t before = from_start ? 0 : *first - 1;

  std::vector<ProjectionFactory> makers{projections.begin(), projections.end()};
  const auto shows_balance = std::ranges::find_if(
      makers, [](const ProjectionFactory& make) { return make("")->name() == "balance"; });
  const auto balance_at = static_cast<std::size_t>(shows_balance - makers.begin());
  if (shows_balance == makers.end()) {
    auto balance = projection_named("balance", ledger);
    if (!balance) return std::unexpected(balance.error());
    makers.push_back(std::move(*balance));
  }
  auto sides = make_sides(history, makers, before);
  if (!sides) return std::unexpected(sides.error());

  WhatIf answer;
  answer.events_actual = answer.events_counterfactual = before;
  auto reader = history.read({.filter = {.from_seq = before + 1}, .on_corrupt = on_corrupt});
  if (!reader) return std::unexpected(reader.error());
  Overdrafts overdrafts{sides->actual[balance_at], sides->counterfactual[balance_at], ledger};
  if (auto done = run(**reader, history, *alterer, *sides, overdrafts, answer); !done) {
    if (before == 0 || answer.events_actual > before) return std::unexpected(done.error());
    // The event that is named lies beyond the end, which has not been read.
    History whole = history;
    whole.fold = nullptr;
    return what_if(whole, alterations, projections, ledger, on_corrupt);
  }
  if (answer.events_counterfactual == 0 && answer.events_actual > 0)
    alterer->warn(0, "nothing is left: every event is dropped");
  for (std::size_t i = 0; i < projections.size(); ++i) {
    const Projection& actual = sides->actual[i];
    const Projection& altered = sides->counterfactual[i];
    answer.states.push_back({actual.to_json(), altered.to_json()});
    for (const auto& notes : {actual.notes(), altered.notes()})
      answer.notes.insert(answer.notes.end(), notes.begin(), notes.end());
  }
  answer.first_divergence = alterer->first_divergence;
  answer.first_divergence_at = alterer->first_divergence_at;
  answer.dropped = std::move(alterer->dropped);
  answer.dropped_count = alterer->dropped_count;
  answer.warnings = std::move(alterer->warnings);
  answer.warning_count = alterer->warning_count;
  answer.report = (*reader)->report();
  return answer;
}

}  // namespace agentstore
