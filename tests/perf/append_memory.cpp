// The store in memory: appends, and the state of a session of 1,000 events.
//
//   perf_append_memory [ROUNDS] [EVENTS]      default: 11, 200,000

#include <cstdlib>

#include "support/measure.hpp"

namespace agentstore::perf {
namespace {

constexpr int folded_events = 1000;
constexpr int states = 300;
constexpr int states_from_snapshot = 20'000;

double appends_a_second(int events) {
  Store store = Store::in_memory({.snapshot_interval = 0});
  const std::string id = must(store.create_session()).id;
  const double taken_s = seconds([&] {
    for (int i = 0; i < events; ++i)
      must(store.append(id, {.type = "llm_response", .payload = R"({"content":"test"})"}));
  });
  return events / taken_s;
}

double states_a_second(std::uint64_t interval, int times) {
  Store store = Store::in_memory({.snapshot_interval = interval});
  const std::string id = must(store.create_session()).id;
  for (int i = 0; i < folded_events; ++i)
    must(store.append(id, {.type = "custom", .payload = "{\"i\":" + std::to_string(i) + "}"}));
  const double taken_s = seconds([&] {
    for (int i = 0; i < times; ++i) must(store.state(id));
  });
  return times / taken_s;
}

double replays_a_second(int times) {
  Store store = Store::in_memory({.snapshot_interval = 0});
  const std::string id = must(store.create_session()).id;
  for (int i = 0; i < folded_events; ++i)
    must(store.append(id, {.type = "custom", .payload = "{\"i\":" + std::to_string(i) + "}"}));
  std::size_t seen = 0;
  const double taken_s = seconds([&] {
    for (int i = 0; i < times; ++i)
      for (const EventView& event : must(store.events(id))) seen += event.payload.size();
  });
  if (seen == 0) std::abort();
  return times / taken_s;
}

void run(int rounds, int events) {
  std::vector<double> appended;
  std::vector<double> folded;
  std::vector<double> from_snapshot;
  std::vector<double> replayed;
  for (int i = 0; i < rounds; ++i) {
    appended.push_back(appends_a_second(events));
    folded.push_back(states_a_second(0, states));
    from_snapshot.push_back(states_a_second(100, states_from_snapshot));
    replayed.push_back(replays_a_second(states));
  }
  const auto report = [](const char* work, std::vector<double> all, const char* unit) {
    std::ranges::sort(all);
    row({.benchmark = "append-memory", .work = work, .ours = all[all.size() / 2], .unit = unit});
  };
  report("append, in memory", appended, "events/s");
  report("state of 1,000 events, in memory, no snapshot", folded, "states/s");
  report("state of 1,000 events, in memory, snapshots every 100", from_snapshot, "states/s");
  report("events of a session of 1,000, in memory", replayed, "replays/s");
}

}  // namespace
}  // namespace agentstore::perf

int main(int count, char** words) {
  agentstore::perf::run(count > 1 ? std::atoi(words[1]) : 11,
                        count > 2 ? std::atoi(words[2]) : 200'000);
}
