// Work on parts of a log by as many threads as there are cores; what they make of the parts comes
// out in the parts' order.

#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace agentstore::log {

template <class Done>
class InOrder {
 public:
  using Worker = std::move_only_function<Done(std::uint64_t index)>;

  /// Works on the parts 0 to `count` - 1. `make_worker` is called once by each thread, which alone
  /// uses what it gives; the caller of `next` is one of them. No thread is further ahead of `next`
  /// than a few parts.
  InOrder(std::uint64_t count, std::function<Worker()> make_worker)
      : count_(count), make_worker_(std::move(make_worker)), own_worker_(make_worker_()) {
    const unsigned cores = std::clamp(std::thread::hardware_concurrency(), 1U, threads_max);
    ahead_max_ = 2 * cores;
    for (unsigned i = 1; i < cores && i < count; ++i) {
      try {
        threads_.emplace_back([this] { work(); });
      } catch (const std::system_error&) {
        break;  // Fewer will do.
      }
    }
  }
  InOrder(const InOrder&) = delete;
  InOrder& operator=(const InOrder&) = delete;
  /// Waits for the parts that are begun.
  ~InOrder() {
    {
      const std::lock_guard guard{mutex_};
      taken_ = count_;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  /// What became of the next part. Call it `count` times at most, in one thread. Where it has to
  /// wait it works: one thread more than there are cores would keep another from its part. Throws
  /// what the worker threw at that part, on whichever thread.
  Done next() {
    std::unique_lock guard{mutex_};
    while (!done_.contains(given_)) {
      if (may_take()) make_one(own_worker_, guard);
      else changed_.wait(guard);
    }
    Outcome outcome = std::move(done_.extract(given_++).mapped());
    guard.unlock();
    changed_.notify_all();
    if (const auto* const thrown = std::get_if<std::exception_ptr>(&outcome))
      std::rethrow_exception(*thrown);
    return std::get<Done>(std::move(outcome));
  }

 private:
  using Outcome = std::variant<Done, std::exception_ptr>;
  static constexpr unsigned threads_max = 16;

  bool may_take() const { return taken_ < count_ && taken_ < given_ + ahead_max_; }

  void work() {
    Worker worker;
    try {
      worker = make_worker_();
    } catch (...) {
      return;  // The others do its parts.
    }
    std::unique_lock guard{mutex_};
    for (;;) {
      changed_.wait(guard, [&] { return taken_ >= count_ || may_take(); });
      if (taken_ >= count_) return;
      make_one(worker, guard);
    }
  }

  void make_one(Worker& worker, std::unique_lock<std::mutex>& guard) {
    const std::uint64_t index = taken_++;
    guard.unlock();
    Outcome outcome = outcome_of(worker, index);
    guard.lock();
    done_.emplace(index, std::move(outcome));
    changed_.notify_all();
  }

  static Outcome outcome_of(Worker& worker, std::uint64_t index) {
    try {
      return worker(index);
    } catch (...) {
      return std::current_exception();
    }
  }

  const std::uint64_t count_;
  const std::function<Worker()> make_worker_;
  Worker own_worker_;  // of the caller of next
  std::uint64_t ahead_max_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t taken_ = 0;
  std::uint64_t given_ = 0;
  std::map<std::uint64_t, Outcome> done_;
  std::vector<std::thread> threads_;
};

}  // namespace agentstore::log
