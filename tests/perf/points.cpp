// What a point in time costs, against a fold of everything; and what snapshots add to an append.
//
//   perf_points [EVENTS] [FOLDER]       default: 10,000,000 events, in a folder of its own

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>

#include "support/measure.hpp"

namespace agentstore::perf {
namespace {

constexpr std::size_t batch_events = 1000;
constexpr std::int64_t start_s = 1'772'884'800;
constexpr int points = 15;

Draft ledger_event(std::mt19937_64& random, std::uint64_t number) {
  static const char* const types[] = {"BetPlaced", "BetWon", "FeeCharged", "FundsDeposited",
                                      "user_message"};
  const std::uint64_t dice = random();
  Draft draft{.type = types[dice % 5],
              .timestamp = Timestamp{start_s + static_cast<std::int64_t>(number), 0}};
  draft.payload = R"({"amount":)" + std::to_string(dice / 5 % 1000) + "." +
                  std::to_string(dice / 5000 % 100) + R"(,"game":"dice","bet_id":"b-)" +
                  std::to_string(number) + R"("})";
  return draft;
}

/// Appends events in batches; gives the seconds of the first and of the last tenth.
std::pair<double, double> fill(Store& store, const std::string& id, std::uint64_t events) {
  std::mt19937_64 random{7};
  std::pair<double, double> tenths{0, 0};
  std::vector<Draft> drafts(batch_events);
  for (std::uint64_t done = 0; done < events; done += batch_events) {
    for (std::size_t i = 0; i < batch_events; ++i) drafts[i] = ledger_event(random, done + i + 1);
    const double taken_s = seconds([&] { must(store.append(id, drafts)); });
    if (done < events / 10) tenths.first += taken_s;
    else if (done >= events - events / 10) tenths.second += taken_s;
  }
  return tenths;
}

void run(std::uint64_t events, const std::filesystem::path& folder) {
  const auto open = [&](const char* name, std::uint64_t interval) {
    return must(Store::open(folder / name,
                            {.durability = Durability::none, .snapshot_interval = interval}));
  };
  for (const auto& [name, interval] : {std::pair{"without", 0}, std::pair{"with", 1000}}) {
    Store store = open(name, static_cast<std::uint64_t>(interval));
    must(store.create_session({.id = "a"}));
    const auto [first_s, last_s] = fill(store, "a", events);
    const double each = static_cast<double>(events) / 10 / 1e6;
    row({.benchmark = "points",
         .work = std::string("append in batches, ") + name + " snapshots: the last tenth",
         .ours = last_s / each,
         .unit = "µs an event",
         .peer = "the first tenth",
         .peer_value = first_s / each});
    if (interval == 0) std::filesystem::remove_all(folder / name);
  }

  const Store store = open("with", 1000);
  const auto make = must(projection_named("balance"));
  const auto fold_all = [&] {
    const auto projection = make("a");
    must(store.state("a", *projection));
  };
  const double all_s = median(3, [&] { return seconds(fold_all); });

  std::mt19937_64 random{11};
  double worst_s = 0;
  const double point_s = median(points, [&] {
    const auto second = start_s + 1 + static_cast<std::int64_t>(random() % events);
    const double taken_s =
        seconds([&] { must(store.state("a", make, {.at = Timestamp{second, 0}})); });
    worst_s = std::max(worst_s, taken_s);
    return taken_s;
  });
  for (const auto& [what, at_s] : {std::pair{"median", point_s}, {"worst", worst_s}}) {
    row({.benchmark = "points",
         .work = std::string("balance at an instant, the ") + what + " of 15",
         .ours = at_s * 1e3,
         .unit = "ms",
         .peer = "a fold of everything",
         .peer_value = all_s * 1e3,
         .aim = what == std::string_view("median") ? std::optional(50.0) : std::nullopt});
  }
}

}  // namespace
}  // namespace agentstore::perf

int main(int count, char** words) {
  const std::uint64_t events = count > 1 ? std::strtoull(words[1], nullptr, 10) : 10'000'000;
  const agentstore::perf::WorkFolder folder{count > 2 ? words[2] : ""};
  agentstore::perf::run(events, folder.path());
}
