// Appends of one event each, by threads of one process: to one session, or to one for each thread.
//
//   perf_writers STORE THREADS one|each SECONDS      prints the events a second

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "agentstore/store.hpp"

namespace agentstore::perf {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void give_up(const Error& error) {
  std::fprintf(stderr, "perf_writers: %s\n", error.message.c_str());
  std::exit(1);
}

int append_for(Store& store, int threads, bool each, double seconds) {
  const std::string payload =
      R"({"tool_name":"grep","args":{"pattern":"TODO","path":"src"},"text":")" +
      std::string(120, 'x') + R"("})";
  std::atomic<int> events = 0;
  std::vector<std::thread> writers;
  const auto start = Clock::now();
  const auto passed = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  for (int thread = 0; thread < threads; ++thread)
    writers.emplace_back([&, id = each ? "w" + std::to_string(thread) : std::string{"w"}] {
      while (passed() < seconds) {
        const auto done = store.append(id, {.type = "x", .payload = payload});
        if (!done) give_up(done.error());
        ++events;
      }
    });
  for (std::thread& writer : writers) writer.join();
  std::printf("%.1f\n", events / passed());
  return 0;
}

}  // namespace
}  // namespace agentstore::perf

int main(int count, char** words) {
  using namespace agentstore;
  if (count != 5) return 2;
  const int threads = std::atoi(words[2]);
  const bool each = std::string_view{words[3]} == "each";
  auto store = Store::open(words[1], {.snapshot_interval = 0, .cache_key = ""});
  if (!store) perf::give_up(store.error());
  for (int thread = 0; thread < (each ? threads : 1); ++thread) {
    const auto made =
        store->create_session({.id = each ? "w" + std::to_string(thread) : std::string{"w"}});
    if (!made && made.error().code != Code::conflict) perf::give_up(made.error());
  }
  return perf::append_for(*store, threads, each, std::atof(words[4]));
}
