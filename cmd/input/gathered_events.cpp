#include "cmd/input/gathered_events.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "cmd/input/read_report.hpp"

namespace agentstore::cmd {
namespace {

class Gathered final : public EventReader {
 public:
  explicit Gathered(GatheredEvents gathered) : gathered_{std::move(gathered)} {
    report_.verdict = Verdict::unsealed;
    for (const ReadReport& one : gathered_.reports()) add(one);
  }

  Result<std::span<const EventView>> next() override {
    return std::exchange(given_, true) ? std::span<const EventView>{} : gathered_.events();
  }
  Result<bool> poll() override { return false; }
  const ReadReport& report() const override { return report_; }

 private:
  void add(const ReadReport& one) {
    if (report_.verdict == Verdict::unsealed) report_.verdict = one.verdict;
    report_.log_name = one.log_name;
    report_.events += one.events;
    report_.unsealed += one.unsealed;
    report_.last_sequence_number = std::max(report_.last_sequence_number, one.last_sequence_number);
    report_.finding_count += one.finding_count;
    report_.findings.insert(report_.findings.end(), one.findings.begin(), one.findings.end());
  }

  GatheredEvents gathered_;
  ReadReport report_;
  bool given_ = false;
};

}  // namespace

Result<GatheredEvents> GatheredEvents::read(const Inputs& inputs, const ReadOptions& options) {
  GatheredEvents gathered;
  for (const auto& input : inputs)
    if (auto added = gathered.add(*input, options); !added)
      return std::unexpected{with_advice(added.error(), *input)};
  gathered.sort();
  return gathered;
}

Result<void> GatheredEvents::add(const Input& input, const ReadOptions& options) {
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

void GatheredEvents::sort() {
  std::ranges::stable_sort(order_, {}, [](const Place& place) {
    const EventView& event = place.event->view();
    return std::tuple{place.at, event.session_id, event.sequence_number};
  });
  views_.reserve(order_.size());
  for (const Place& place : order_) views_.push_back(place.event->view());
  order_ = {};
}

Result<std::unique_ptr<EventReader>> gather_events(const Inputs& inputs,
                                                   const ReadOptions& options) {
  auto gathered = GatheredEvents::read(inputs, options);
  if (!gathered) return std::unexpected{gathered.error()};
  return std::make_unique<Gathered>(std::move(*gathered));
}

}  // namespace agentstore::cmd
