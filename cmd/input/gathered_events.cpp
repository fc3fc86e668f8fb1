#include "cmd/input/gathered_events.hpp"

#include <algorithm>
#include <deque>
#include <tuple>
#include <vector>

#include "cmd/input/event_spill.hpp"

namespace agentstore::cmd {
namespace {

class Gathered final : public EventReader {
 public:
  Result<void> add(const Input& input, const ReadOptions& options) {
    const auto reader = input.read(options);
    if (!reader) return std::unexpected{reader.error()};
    Timestamp latest{seconds_min, 0};
    const auto read = for_each_event(**reader, [&](const EventView& event) {
      latest = std::max(latest, event.timestamp);
      order_.push_back({latest, &events_.emplace_back(event)});
    });
    if (!read) return read;
    const ReadReport& one = (*reader)->report();
    if (report_.log_name.empty() || report_.verdict == Verdict::unsealed)
      report_.verdict = one.verdict;
    report_.log_name = one.log_name;
    report_.events += one.events;
    report_.unsealed += one.unsealed;
    report_.last_sequence_number = std::max(report_.last_sequence_number, one.last_sequence_number);
    report_.finding_count += one.finding_count;
    report_.findings.insert(report_.findings.end(), one.findings.begin(), one.findings.end());
    return {};
  }

  void sort() {
    std::ranges::stable_sort(order_, {}, [](const Place& place) {
      const EventView& event = place.event->view();
      return std::tuple{place.at, event.session_id, event.sequence_number};
    });
    for (const Place& place : order_) views_.push_back(place.event->view());
  }

  Result<std::span<const EventView>> next() override {
    const std::span<const EventView> all{views_};
    return std::exchange(given_, true) ? std::span<const EventView>{} : all;
  }
  Result<bool> poll() override { return false; }
  const ReadReport& report() const override { return report_; }

 private:
  struct Place {
    Timestamp at;  ///< of the session's events up to here, the latest
    const OwnedEvent* event;
  };
  std::deque<OwnedEvent> events_;
  std::vector<Place> order_;
  std::vector<EventView> views_;
  bool given_ = false;
  ReadReport report_;
};

}  // namespace

Result<std::unique_ptr<EventReader>> gather_events(const Inputs& inputs,
                                                   const ReadOptions& options) {
  auto gathered = std::make_unique<Gathered>();
  for (const auto& input : inputs)
    if (auto added = gathered->add(*input, options); !added) return std::unexpected{added.error()};
  gathered->sort();
  return gathered;
}

}  // namespace agentstore::cmd
