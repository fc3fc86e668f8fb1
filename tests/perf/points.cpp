// What a question about a part of a long session costs, against a fold of everything; and what
// snapshots add to an append.
//
//   perf_points [EVENTS] [FOLDER]       default: 10,000,000 events, in a folder of its own
//
// Environment: AGENTSTORE_BIN, the program, for the questions that are asked of it.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
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

Store open_store(const std::filesystem::path& folder, std::uint64_t interval) {
  return must(Store::open(folder, {.durability = Durability::none,
                                   .snapshot_interval = interval,
                                   .default_ledger = casino_ledger()}));
}

void measure_appends(std::uint64_t events, const std::filesystem::path& folder,
                     std::uint64_t interval) {
  Store store = open_store(folder, interval);
  must(store.create_session({.id = "a"}));
  const auto [first_s, last_s] = fill(store, "a", events);
  const double each = static_cast<double>(events) / 10 / 1e6;
  row({.benchmark = "points",
       .work = std::string("append in batches, ") + (interval == 0 ? "without" : "with") +
               " snapshots: the last tenth",
       .ours = last_s / each,
       .unit = "µs an event",
       .peer = "the first tenth",
       .peer_value = first_s / each});
}

double fold_all_seconds(const Store& store, const ProjectionFactory& make) {
  return median(3, [&] {
    return seconds([&] {
      const auto projection = make("a");
      must(store.state("a", *projection));
    });
  });
}

/// Asks a question `points` times; `ask` is given an event from anywhere.
template <class Ask>
void against_a_fold(const std::string& work, std::uint64_t events, double all_s, Ask ask) {
  std::mt19937_64 random{11};
  double worst_s = 0;
  const double half_s = median(points, [&] {
    const std::uint64_t number = 1 + random() % events;
    const double taken_s = seconds([&] { ask(number); });
    worst_s = std::max(worst_s, taken_s);
    return taken_s;
  });
  char note[48];
  std::snprintf(note, sizeof note, "the worst of %d: %.1f ms", points, worst_s * 1e3);
  row({.benchmark = "points",
       .work = work,
       .ours = half_s * 1e3,
       .unit = "ms",
       .peer = "a fold of everything",
       .peer_value = all_s * 1e3,
       .aim = 50,
       .note = note});
}

/// Runs the program and throws away what it prints.
double program_seconds(std::vector<std::string> words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  int status = -1;
  const double taken_s = seconds([&] {
    pid_t child = 0;
    if (::posix_spawn(&child, pointers[0], &quiet, nullptr, pointers.data(), environ) == 0) {
      ::waitpid(child, &status, 0);
    }
  });
  posix_spawn_file_actions_destroy(&quiet);
  if (status != 0) {
    std::fprintf(stderr, "%s %s ended with status %d\n", pointers[0], pointers[1], status);
    std::exit(1);
  }
  return taken_s;
}

/// The program from its start to its end, within ten milliseconds.
template <class Words>
void within_limit(const std::string& work, std::uint64_t events, Words words) {
  std::mt19937_64 random{13};
  row({.benchmark = "points",
       .work = work,
       .ours = 1e3 * median(points, [&] { return program_seconds(words(1 + random() % events)); }),
       .unit = "ms",
       .peer = "limit",
       .peer_value = 10,
       .aim = 1});
}

void measure_questions(std::uint64_t events, const std::filesystem::path& folder) {
  const Store store = open_store(folder, 1000);
  const auto make = must(projection_named("balance", casino_ledger()));
  const double all_s = fold_all_seconds(store, make);
  against_a_fold("balance at an instant", events, all_s, [&](std::uint64_t number) {
    must(store.state("a", make, {.at = Timestamp{start_s + static_cast<std::int64_t>(number), 0}}));
  });
  const History history = history_of(store, "a");
  against_a_fold("what-if: without one of the last thousand", events, all_s,
                 [&](std::uint64_t number) {
                   must(what_if(history, {.without = {events - number % 1000}}, {&make, 1}));
                 });

  const char* const program = std::getenv("AGENTSTORE_BIN");
  if (program == nullptr) return;
  within_limit("`replay --seq A..A+100`", events, [&](std::uint64_t number) {
    const std::string range = std::to_string(number) + ".." + std::to_string(number + 100);
    return std::vector<std::string>{program, "replay", "a", "--store", folder, "--seq", range};
  });
  within_limit("`replay -n 100`", events, [&](std::uint64_t) {
    return std::vector<std::string>{program, "replay", "a", "--store", folder, "-n", "100"};
  });
}

/// What stands first in a row whose limit is a figure.
void limited(const std::string& work, double ours_ms, double limit_ms, const std::string& note) {
  row({.benchmark = "points",
       .work = work,
       .ours = ours_ms,
       .unit = "ms",
       .peer = "limit",
       .peer_value = limit_ms,
       .aim = 1,
       .note = note});
}

/// A write of a line's size to the same disk, and its sync.
double sync_seconds(const std::filesystem::path& folder) {
  const std::string path = folder / "sync";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::string line(600, 'x');
  const double taken_s = median(points, [&] {
    return seconds([&] {
      if (::write(file, line.data(), line.size()) < 0 || ::fdatasync(file) < 0) std::exit(1);
    });
  });
  ::close(file);
  return taken_s;
}

/// Commands and states of a session, by users who have caches of it and by users who have none.
void measure_caches(std::uint64_t events, const std::filesystem::path& folder) {
  const char* const program = std::getenv("AGENTSTORE_BIN");
  if (program == nullptr) return;
  {
    Store store = open_store(folder / "caches", 0);
    must(store.create_session({.id = "a"}));
    must(store.append("a", {.type = "AgentRegistered"}));
    fill(store, "a", events);
  }
  const std::string data = folder / "caches";
  const auto become = [&](int user) {
    const std::string key = folder / ("key-" + std::to_string(user));
    ::setenv("AGENTSTORE_CACHE_KEY", key.c_str(), 1);
  };
  const auto ask = [&](std::vector<std::string> words) {
    words.insert(words.begin(), program);
    words.insert(words.end(), {"--store", data});
    return program_seconds(std::move(words));
  };
  const std::vector<std::string> submit{"submit", "a", "DepositFunds", "--data", R"({"amount":1})"};
  char note[48];
  become(0);
  std::snprintf(note, sizeof note, "for the first time: %.2f s", ask({"state", "a"}));
  const double state_s = median(points, [&] { return ask({"state", "a"}); });
  limited("`state` of a user who asked before", state_s * 1e3, 20, note);
  const double verify_s = median(3, [&] { return ask({"verify", "a"}); });
  int user = 1;
  const double first_s = median(3, [&] {
    become(user++);
    return ask(submit);
  });
  row({.benchmark = "points",
       .work = "`submit` without a state to start at",
       .ours = first_s,
       .unit = "s",
       .peer = "1.2 times `verify`",
       .peer_value = 1.2 * verify_s,
       .aim = 1});
  const double sync_s = sync_seconds(folder);
  std::snprintf(note, sizeof note, "over a sync of %.2f ms", sync_s * 1e3);
  const double submit_s = median(points, [&] { return ask(submit); });
  limited("`submit` from a state that was checked", (submit_s - sync_s) * 1e3, 5, note);
}

void run(std::uint64_t events, const std::filesystem::path& folder) {
  measure_caches(std::min<std::uint64_t>(events, 1'000'000), folder);
  measure_appends(events, folder / "without", 0);
  std::filesystem::remove_all(folder / "without");
  measure_appends(events, folder / "with", 1000);
  measure_questions(events, folder / "with");
}

}  // namespace
}  // namespace agentstore::perf

int main(int count, char** words) {
  const std::uint64_t events = count > 1 ? std::strtoull(words[1], nullptr, 10) : 10'000'000;
  const agentstore::perf::WorkFolder folder{count > 2 ? words[2] : ""};
  agentstore::perf::run(events, folder.path());
}
