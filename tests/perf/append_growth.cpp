// What an append costs as its log grows: durable, one by one, with snapshots and without; and by a
// program started for one event.
//
//   perf_append_growth [EVENTS] [FOLDER]     default: 10,000,000, a folder of its own in TMPDIR
//
// Logs of 10, 1,000, 10,000 … EVENTS events. A FOLDER that is given is kept: the long logs, which
// take most of the time, are made once. AGENTSTORE_BIN names the program.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>

#include "support/events.hpp"
#include "support/measure.hpp"

namespace agentstore::perf {
namespace {

constexpr int rounds = 7;
constexpr int launches = 25;
constexpr std::uint64_t fill_events = 1000;
constexpr std::uint64_t kept_events = 100'000;  // a shorter log is made anew each round
constexpr int appends = 1000;                   // a snapshot falls due in each thousand

/// A way to append, and what it took by the length of the log.
struct Way {
  const char* name;
  std::uint64_t snapshot_interval;
  Store store;
  std::map<std::uint64_t, std::vector<double>> us_by_events = {};
};

void fill(const std::filesystem::path& folder, const std::string& id, std::uint64_t events,
          std::uint64_t snapshot_interval) {
  Store store = must(Store::open(
      folder, {.durability = Durability::none, .snapshot_interval = snapshot_interval}));
  if (store.session(id)) return;
  must(store.create_session({.id = id}));
  const std::vector<Draft> drafts(fill_events, Draft{.type = "custom", .payload = R"({"n":1})"});
  for (std::uint64_t done = 0; done < events;) {
    const std::uint64_t count = std::min(fill_events, events - done);
    must(store.append(id, std::span{drafts}.first(count)));
    done += count;
  }
}

double us_of_append(Store& store, const std::string& id) {
  const Draft event = typical_event();
  must(store.append(id, event));  // What others appended meanwhile is read now.
  const double taken_s = seconds([&] {
    for (int i = 0; i < appends; ++i) must(store.append(id, event));
  });
  return taken_s / appends * 1e6;
}

void measure(const std::filesystem::path& folder, Way& way, std::uint64_t events, int round) {
  std::string id = std::string{"events-"} + way.name + '-' + std::to_string(events);
  if (events < kept_events) id += '-' + std::to_string(::getpid()) + '-' + std::to_string(round);
  fill(folder, id, events, way.snapshot_interval);
  way.us_by_events[events].push_back(us_of_append(way.store, id));
}

void print(const Way& way) {
  std::vector<std::pair<double, double>> points;
  const auto& [fewest, of_fewest] = *way.us_by_events.begin();
  for (const auto& [events, all] : way.us_by_events) {
    points.emplace_back(static_cast<double>(events), median_of(all));
    if (events == fewest) continue;
    row({.benchmark = "append-growth",
         .work = std::string{"durable append, snapshots "} + way.name + ", at " +
                 std::to_string(events) + " events",
         .ours = median_of(all),
         .unit = "µs",
         .peer = "at 10 events",
         .peer_value = median_of(of_fewest),
         .aim = 0.9});
  }
  series({.plot = "append cost",
          .x_label = "events in the log",
          .y_label = "µs an event",
          .series = std::string{"agentstore, snapshots "} + way.name,
          .points = points});
}

double ms_of_launch(const char* program, const std::filesystem::path& folder,
                    const std::string& id) {
  const std::string store = folder.string();
  std::string words[] = {program,  "append", "--store",   store,      id,
                         "--type", "custom", "--payload", "{\"n\":1}"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  int status = 0;
  const double taken_s = seconds([&] {
    pid_t child = 0;
    if (::posix_spawn(&child, program, &files, nullptr, arguments.data(), environ) == 0)
      ::waitpid(child, &status, 0);
  });
  posix_spawn_file_actions_destroy(&files);
  if (status != 0) std::exit(1);
  return taken_s * 1e3;
}

void launch(const std::filesystem::path& folder, std::uint64_t events) {
  const char* const program = std::getenv("AGENTSTORE_BIN");
  if (program == nullptr) return;
  const std::string long_id = "events-on-" + std::to_string(events);
  std::vector<double> empty_ms;
  std::vector<double> long_ms;
  for (int i = 0; i < launches; ++i) {
    const std::string empty_id = "empty-" + std::to_string(::getpid()) + '-' + std::to_string(i);
    must(must(Store::open(folder)).create_session({.id = empty_id}));
    empty_ms.push_back(ms_of_launch(program, folder, empty_id));
    long_ms.push_back(ms_of_launch(program, folder, long_id));
  }
  row({.benchmark = "append-growth",
       .work = "agentstore append of one event, on a sealed session of " + std::to_string(events) +
               " events",
       .ours = median_of(long_ms),
       .unit = "ms",
       .peer = "on an empty session",
       .peer_value = median_of(empty_ms),
       .aim = 1 / 1.5});
}

void run(const std::filesystem::path& folder, std::uint64_t events_max) {
  const auto way = [&](const char* name, std::uint64_t interval) {
    return Way{name, interval, must(Store::open(folder, {.snapshot_interval = interval}))};
  };
  std::vector<std::uint64_t> sizes{10};
  for (std::uint64_t events = 1000; events <= events_max; events *= 10) sizes.push_back(events);
  Way ways[] = {way("on", 1000), way("off", 0)};
  for (int i = 0; i < rounds; ++i) {
    for (const std::uint64_t events : sizes) {
      for (Way& one : ways) measure(folder, one, events, i);
    }
    std::fprintf(stderr, "round %d of %d\n", i + 1, rounds);
  }
  for (const Way& one : ways) print(one);
  launch(folder, sizes.back());
}

}  // namespace
}  // namespace agentstore::perf

int main(int count, char** words) {
  const std::uint64_t events = count > 1 ? std::strtoull(words[1], nullptr, 10) : 10'000'000;
  if (count > 2) {
    agentstore::perf::run(words[2], events);
    return 0;
  }
  const agentstore::perf::WorkFolder folder{""};
  agentstore::perf::run(folder.path() / "store", events);
}
