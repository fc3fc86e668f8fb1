// The queue of those who append to one log, so that many callers share few writes.
//
//   The first caller leads: it commits for all who came meanwhile, then hands over to the next in
//   line. A leader waits for a moment where the last commit had several callers.
//
// The queue reads and writes nothing: its owner says what a commit is.

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "agentstore/append.hpp"
#include "agentstore/result.hpp"
#include "log/append_validator.hpp"
#include "log/draft.hpp"

namespace agentstore::log {

/// One commit holds so many drafts, or bytes, at the most, unless one caller alone has more.
inline constexpr std::size_t group_drafts_max = 256;
inline constexpr std::size_t group_bytes_max = std::size_t{1} << 20;

/// Thread-safe. Outlives its callers.
class CommitQueue {
 public:
  using Duration = std::chrono::steady_clock::duration;
  /// Commits requests in their order and fills in their results. An error is the answer to all of
  /// them, and so is what it throws. Runs in the thread of one of the callers; no two run at once.
  using Commit = std::function<Result<void>(std::span<Request* const>)>;

  /// `pause` lets some time pass, about 100 µs: a leader that waits for others calls it.
  CommitQueue(Commit commit, std::function<void()> pause);

  /// Blocks until a commit of this request is over, its own or another caller's. Errors: those of
  /// the request; those of the commit. Throws what the commit threw.
  Result<std::vector<Receipt>> append(std::span<const CheckedDraft> drafts,
                                      const AppendOptions& options);

  /// Keeps every commit, and everybody else who is exclusive, out for as long as it lives. Blocks
  /// until the commit that is under way is over; goes before callers that wait. Not to be made
  /// inside a commit.
  class Exclusively {
   public:
    explicit Exclusively(CommitQueue& queue);
    Exclusively(const Exclusively&) = delete;
    Exclusively& operator=(const Exclusively&) = delete;
    ~Exclusively();

   private:
    CommitQueue& queue_;
  };

  /// How long a commit spent on its sync: a leader waits for others for half of the average. To be
  /// called by a commit.
  void note_sync(Duration took) { average_sync_ += (took - average_sync_) / 8; }

  /// How many callers wait for somebody to commit for them.
  std::size_t waiting() const { return waiting_.load(); }

 private:
  /// A caller in the queue. Shared: who wakes a caller may be the last to touch this.
  class Caller : public Request {
   public:
    Caller(std::span<const CheckedDraft> the_drafts, const AppendOptions& the_options)
        : Request{the_drafts, the_options} {}
    enum class Turn { none, lead, over };
    /// Waits until it is told.
    Turn turn();
    void tell(Turn turn);

    std::exception_ptr thrown;

   private:
    std::mutex mutex_;
    std::condition_variable told_;
    Turn turn_ = Turn::none;
  };
  using Group = std::vector<std::shared_ptr<Caller>>;

  void lead();
  void wait_for_company() const;
  Group take_group();
  void commit(const Group& group);
  void stop_leading(std::unique_lock<std::mutex>& guard);

  const Commit commit_;
  const std::function<void()> pause_;

  std::mutex mutex_;  // guards these; the rest belongs to whoever leads
  std::deque<std::shared_ptr<Caller>> queue_;
  bool led_ = false;  // nobody leads a queue of callers only while one waits to be exclusive
  int exclusive_waiting_ = 0;
  std::condition_variable free_;

  std::atomic<std::size_t> waiting_ = 0;  // the size of queue_
  std::size_t last_group_ = 0;            // callers in the last commit
  Duration average_sync_{0};
};

}  // namespace agentstore::log
