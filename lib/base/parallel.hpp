// Work on many things that do not depend on one another.

#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace agentstore {

/// Calls `work(worker, from, to)` for pieces of 0 to `count` - 1, on as many threads as there are
/// cores, four at most; on the caller's own where there is little to do. `worker` is below
/// `workers_max`, and no two calls at a time have the same. Returns when all is done; throws the
/// first exception that `work` threw, on whichever thread, once no call is under way any more.
inline constexpr std::size_t workers_max = 4;

template <class Work>
void in_parallel(std::size_t count, Work work) {
  constexpr std::size_t piece = 128;
  std::atomic<std::size_t> taken = 0;
  std::mutex mutex;
  std::exception_ptr thrown;
  const auto run = [&](std::size_t worker) {
    try {
      for (std::size_t from; (from = taken.fetch_add(piece)) < count;)
        work(worker, from, std::min(from + piece, count));
    } catch (...) {
      taken = count;
      const std::lock_guard guard{mutex};
      if (!thrown) thrown = std::current_exception();
    }
  };
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::thread> threads;
  for (std::size_t worker = 1; worker < std::min({cores, workers_max, count / piece}); ++worker) {
    try {
      threads.emplace_back(run, worker);
    } catch (const std::system_error&) {
      break;  // Fewer will do.
    }
  }
  run(0);
  for (std::thread& thread : threads) thread.join();
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace agentstore
