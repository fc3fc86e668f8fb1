#include "log/commit_queue.hpp"

#include <thread>
#include <utility>

#include "log/assemble.hpp"

namespace agentstore::log {
namespace {

constexpr std::chrono::microseconds yielding_max{200};

std::size_t bytes_of(std::span<const CheckedDraft> drafts) {
  std::size_t sum = 0;
  for (const CheckedDraft& draft : drafts)
    sum += draft.payload.size() + draft.metadata.size() + 512;
  return sum;
}

}  // namespace

CommitQueue::Caller::Turn CommitQueue::Caller::turn() {
  std::unique_lock guard{mutex_};
  told_.wait(guard, [&] { return turn_ != Turn::none; });
  return turn_;
}

void CommitQueue::Caller::tell(Turn turn) {
  {
    const std::lock_guard guard{mutex_};
    turn_ = turn;
  }
  told_.notify_one();
}

CommitQueue::CommitQueue(Commit commit, std::function<void()> pause)
    : commit_(std::move(commit)), pause_(std::move(pause)) {}

Result<std::vector<Receipt>> CommitQueue::append(std::span<const CheckedDraft> drafts,
                                                 const AppendOptions& options) {
  const auto caller = std::make_shared<Caller>(drafts, options);
  prepare(*caller);
  {
    const std::lock_guard guard{mutex_};
    queue_.push_back(caller);
    waiting_.store(queue_.size());
    if (!led_ && exclusive_waiting_ == 0) {
      led_ = true;
      caller->tell(Caller::Turn::lead);
    }
  }
  if (caller->turn() == Caller::Turn::lead) lead();
  if (caller->thrown) std::rethrow_exception(caller->thrown);
  return std::move(caller->result);
}

// The one who leads is the first in the queue: its request is among those that it commits.
void CommitQueue::lead() {
  wait_for_company();
  const Group group = take_group();
  commit(group);
  std::unique_lock guard{mutex_};
  stop_leading(guard);
  for (const auto& caller : group) caller->tell(Caller::Turn::over);
}

// Whatever happens, every caller is told: one that is not would wait for ever.
void CommitQueue::commit(const Group& group) {
  try {
    std::vector<Request*> requests;
    for (const auto& caller : group) requests.push_back(caller.get());
    if (const auto done = commit_(requests); !done) {
      for (const auto& caller : group) caller->result = std::unexpected(done.error());
    }
  } catch (...) {
    for (const auto& caller : group) caller->thrown = std::current_exception();
  }
}

// Unlocks, too.
void CommitQueue::stop_leading(std::unique_lock<std::mutex>& guard) {
  led_ = exclusive_waiting_ == 0 && !queue_.empty();
  const auto next = led_ ? queue_.front() : nullptr;
  guard.unlock();
  if (next) next->tell(Caller::Turn::lead);
  else free_.notify_one();
}

// Callers who shared the last commit are likely to be back soon: half a sync is worth the wait.
// Timers are too coarse for that; they do for slow disks.
void CommitQueue::wait_for_company() const {
  if (last_group_ <= 1) return;
  const auto start = std::chrono::steady_clock::now();
  while (waiting_.load() < last_group_) {
    const auto waited = std::chrono::steady_clock::now() - start;
    if (waited >= average_sync_ / 2) return;
    if (waited < yielding_max) std::this_thread::yield();
    else pause_();
  }
}

CommitQueue::Group CommitQueue::take_group() {
  const std::lock_guard guard{mutex_};
  Group group;
  std::size_t drafts = 0;
  std::size_t bytes = 0;
  while (!queue_.empty()) {
    const Caller& next = *queue_.front();
    drafts += next.drafts.size();
    bytes += bytes_of(next.drafts);
    if (!group.empty() && (drafts > group_drafts_max || bytes > group_bytes_max)) break;
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  waiting_.store(queue_.size());
  last_group_ = group.size();
  return group;
}

CommitQueue::Exclusively::Exclusively(CommitQueue& queue) : queue_(queue) {
  std::unique_lock guard{queue_.mutex_};
  ++queue_.exclusive_waiting_;
  queue_.free_.wait(guard, [&] { return !queue_.led_; });
  --queue_.exclusive_waiting_;
  queue_.led_ = true;
}

CommitQueue::Exclusively::~Exclusively() {
  std::unique_lock guard{queue_.mutex_};
  queue_.stop_leading(guard);
}

}  // namespace agentstore::log
