#include "cmd/input/events_in_memory.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "cmd/input/read_report.hpp"

namespace agentstore::cmd {

Result<EventsInMemory> EventsInMemory::read(const Inputs& inputs, const ReadOptions& options) {
  EventsInMemory gathered;
  for (const auto& input : inputs)
    if (auto added = gathered.add(*input, options); !added)
      return std::unexpected{with_advice(added.error(), *input)};
  gathered.sort();
  return gathered;
}

Result<void> EventsInMemory::add(const Input& input, const ReadOptions& options) {
  const auto reader = input.read(options);
  if (!reader) return std::unexpected{reader.error()};
  Timestamp latest{seconds_min, 0};
  const auto read = for_each_event(**reader, [&](const EventView& event) {
    latest = std::max(latest, event.timestamp);
    order_.push_back({latest, &events_.emplace_back(event)});
  });
  if (read) reports_.push_back((*reader)->report());
  return read;
}

void EventsInMemory::sort() {
  std::ranges::stable_sort(order_, {}, [](const Place& place) {
    const EventView& event = place.event->view();
    return std::tuple{place.at, event.session_id, event.sequence_number};
  });
  views_.reserve(order_.size());
  for (const Place& place : order_) views_.push_back(place.event->view());
  order_ = {};
}

}  // namespace agentstore::cmd
