#include "replay/alter.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "agentstore/json.hpp"

namespace agentstore {
namespace {

constexpr std::size_t dropped_max = 100'000;
constexpr std::size_t warnings_max = 1000;

bool fits(const std::vector<std::string>& patterns, std::string_view type) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches_pattern(pattern, type); });
}

}  // namespace

Result<Alterer> Alterer::make(const Alterations& alterations, EventNaming naming) {
  Alterer alterer{alterations, std::move(naming)};
  alterer.awaited_ = alterations.without;
  for (const auto& [number, payload] : alterations.replaced) {
    // The type is any that may be stored: what is checked is the payload.
    auto checked = log::check_draft({.type = std::string{custom_event}, .payload = payload});
    if (!checked || payload.empty())
      return fail(Code::invalid, "the replacement of " + alterer.named(number) + ": " +
                                     (checked ? "it is empty" : checked.error().message));
    if (alterations.without.contains(number))
      return fail(Code::invalid, alterer.named(number) + " is both left out and replaced");
    alterer.payloads_.emplace(number, std::move(checked->payload));
    alterer.awaited_.insert(number);
  }
  for (const auto& [number, drafts] : alterations.inserted) {
    for (const Draft& draft : drafts) {
      auto checked = log::check_draft(draft);
      if (!checked)
        return fail(Code::invalid, "the event to be inserted behind " + alterer.named(number) +
                                       ": " + checked.error().message);
      alterer.inserted_[number].push_back(std::move(*checked));
    }
    if (number != 0) alterer.awaited_.insert(number);
  }
  return alterer;
}

std::uint64_t Alterer::first_named() const {
  std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
  if (!awaited_.empty()) first = *awaited_.begin();
  return inserted_.contains(0) ? 1 : first;
}

void Alterer::warn(std::uint64_t sequence_number, std::string text) {
  if (++warning_count <= warnings_max) warnings.push_back({sequence_number, std::move(text)});
}

void Alterer::diverge(const EventView& event) {
  if (first_divergence) return;
  first_divergence = event.sequence_number;
  first_divergence_at = event.timestamp;
}

std::string Alterer::why_dropped(const EventView& event) {
  if (alterations_->without.contains(event.sequence_number)) return "left out";
  if (fits(alterations_->without_types, event.type)) return "is of a type that is left out";
  if (alterations_->until && event.timestamp > *alterations_->until) {
    return "is later than " + format_rfc3339_short(*alterations_->until);
  }
  const auto link = dependents_.link_of(event);
  if (!link) return {};
  if (alterations_->cascade) return link->how;
  warn(event.sequence_number, link->how + ", kept");
  return {};
}

Result<void> Alterer::give_inserted(std::uint64_t behind, const EventView& place,
                                    const Give& give) {
  const auto found = inserted_.find(behind);
  if (found == inserted_.end()) return {};
  for (const log::CheckedDraft& draft : found->second) {
    const EventView event{.session_id = place.session_id,
                          .sequence_number = place.sequence_number,
                          .type = draft.type,
                          .timestamp = draft.timestamp.value_or(place.timestamp),
                          .metadata = draft.metadata,
                          .payload = draft.payload,
                          .event_id = draft.event_id,
                          .hash = {},
                          .line = {}};
    gives_inserted = true;
    const auto given = give(event);
    gives_inserted = false;
    if (!given) return given;
  }
  return {};
}

Result<void> Alterer::take(const EventView& event, const Give& give) {
  const std::uint64_t number = event.sequence_number;
  if (diverges_next_ || (!begun_ && number == 1 && inserted_.contains(0))) diverge(event);
  diverges_next_ = false;
  if (!begun_ && number == 1)
    if (auto given = give_inserted(0, event, give); !given) return given;
  begun_ = true;
  last_ = number;
  awaited_.erase(number);

  const auto payload = payloads_.find(number);
  std::string why = why_dropped(event);
  if (naming_ && why.empty()) dependents_.keep(event);
  if (!why.empty()) {
    diverge(event);
    dependents_.leave_out(event);
    if (++dropped_count <= dropped_max)
      dropped.push_back({number, std::string{event.event_id}, std::move(why)});
  } else if (payload != payloads_.end()) {
    if (event.payload != payload->second) diverge(event);
    EventView replaced = event;
    replaced.payload = payload->second;
    replaced.redacted_by = 0;
    if (auto given = give(replaced); !given) return given;
  } else if (auto given = give(event); !given) {
    return given;
  }
  diverges_next_ = inserted_.contains(number);
  return give_inserted(number, event, give);
}

Result<void> Alterer::end(std::string_view session_id, const Give& give) {
  if (!awaited_.empty()) {
    return fail(Code::not_found, "there is no event " + named(*awaited_.begin()) + " in \"" +
                                     std::string{session_id} + "\": its last is " + named(last_));
  }
  if (diverges_next_ && !first_divergence) first_divergence = last_ + 1;
  if (begun_) return {};
  if (inserted_.contains(0)) first_divergence = 1;
  EventView place;
  place.session_id = session_id;
  place.timestamp = zero_time;
  return give_inserted(0, place, give);
}

}  // namespace agentstore
