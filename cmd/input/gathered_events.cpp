#include "cmd/input/gathered_events.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "cmd/input/event_runs.hpp"
#include "cmd/input/file_scan.hpp"

namespace agentstore::cmd {
namespace {

/// Gives the events of an input to a run; what was learned of it.
Result<ReadReport> add_events(const Input& input, const ReadOptions& options, EventRuns::Run& run) {
  const auto reader = input.read(options);
  if (!reader) return std::unexpected{reader.error()};
  Timestamp latest{seconds_min, 0};
  const auto read = for_each_event(**reader, [&](const EventView& event) {
    latest = std::max(latest, event.timestamp);
    return run.add(latest, event);
  });
  if (!read) return std::unexpected{read.error()};
  return (*reader)->report();
}

class Gathered final : public EventReader {
 public:
  explicit Gathered(std::size_t threads) : runs_{threads} {}

  Result<void> read(const Inputs& inputs, const ReadOptions& options, bool several) {
    std::vector<std::optional<Result<ReadReport>>> reports(inputs.size());
    const auto read_one = [&](std::size_t thread, std::size_t i) {
      reports[i] = add_events(*inputs[i], options, runs_.run(thread));
    };
    if (several) {
      side_by_side(inputs.size(), read_one);
    } else {
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        read_one(0, i);
        if (!*reports[i]) return std::unexpected{reports[i]->error()};
      }
    }
    for (const auto& report : reports) {
      if (!*report) return std::unexpected{report->error()};
      add(**report);
    }
    return {};
  }

  Result<std::span<const EventView>> next() override { return runs_.next(); }
  Result<bool> poll() override { return false; }
  const ReadReport& report() const override { return report_; }

 private:
  void add(const ReadReport& one) {
    if (report_.log_name.empty() || report_.verdict == Verdict::unsealed)
      report_.verdict = one.verdict;
    report_.log_name = one.log_name;
    report_.events += one.events;
    report_.unsealed += one.unsealed;
    report_.last_sequence_number = std::max(report_.last_sequence_number, one.last_sequence_number);
    report_.finding_count += one.finding_count;
    report_.findings.insert(report_.findings.end(), one.findings.begin(), one.findings.end());
  }

  EventRuns runs_;
  ReadReport report_;
};

}  // namespace

Result<std::unique_ptr<EventReader>> gather_events(const Inputs& inputs, const ReadOptions& options,
                                                   bool side_by_side) {
  auto gathered = std::make_unique<Gathered>(side_by_side ? cores() : 1);
  if (auto read = gathered->read(inputs, options, side_by_side); !read)
    return std::unexpected{read.error()};
  return gathered;
}

}  // namespace agentstore::cmd
