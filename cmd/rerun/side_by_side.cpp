#include "cmd/rerun/side_by_side.hpp"

#include <condition_variable>
#include <deque>
#include <thread>
#include <utility>

#include "cmd/progress.hpp"
#include "cmd/rerun/running_groups.hpp"

namespace agentstore::cmd {
namespace {

class Workers {
 public:
  Workers(Store& store, const SideBySide& options)
      : store_{store}, options_{options}, pace_{options.interval} {}

  std::vector<formats::MadeRerun> run(const std::function<std::optional<RerunWork>()>& next) {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < options_.jobs; ++i) threads.emplace_back([this] { work(); });
    while (!stop_) {
      auto work = next();
      if (!work || !put(std::move(*work))) break;
    }
    {
      const std::lock_guard lock{mutex_};
      no_more_ = true;
    }
    changed_.notify_all();
    threads.clear();  // Joins them.
    progress_.clear();
    return std::move(made_);
  }

 private:
  struct Waiting {
    std::size_t index;
    RerunWork work;
  };

  /// Waits for room. False: it is stopped.
  bool put(RerunWork work) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return stop_ || waiting_.size() < 2 * options_.jobs; });
    if (stop_) return false;
    waiting_.push_back({made_.size(), std::move(work)});
    made_.push_back({.rerun_of = waiting_.back().work.rerun.session_id,
                     .turns = waiting_.back().work.turns.size()});
    changed_.notify_all();
    return true;
  }

  std::optional<Waiting> take() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return stop_ || no_more_ || !waiting_.empty(); });
    if (stop_ || waiting_.empty()) return std::nullopt;
    std::optional<Waiting> taken{std::move(waiting_.front())};
    waiting_.pop_front();
    changed_.notify_all();
    return taken;
  }

  void work() {
    Answering answering{store_, options_.answering, pace_, stop_, [this] { turn_done(); }};
    while (auto taken = take()) {
      formats::MadeRerun made = answering.answer(taken->work);
      const std::lock_guard lock{mutex_};
      made_[taken->index] = std::move(made);
      progress_.file(++sessions_done_, options_.sessions);
      changed_.notify_all();
    }
  }

  void turn_done() {
    const std::lock_guard lock{mutex_};
    progress_.add(1);
  }

  Store& store_;
  const SideBySide& options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  std::vector<formats::MadeRerun> made_;
  bool no_more_ = false;
  std::atomic<bool> stop_ = false;
  std::size_t sessions_done_ = 0;
  Progress progress_{Progress::Turns{options_.sessions}};
  Pace pace_;
};

}  // namespace

std::vector<formats::MadeRerun> answer_side_by_side(
    Store& store, const SideBySide& options,
    const std::function<std::optional<RerunWork>()>& next) {
  const EndsGroups ends;
  return Workers{store, options}.run(next);
}

}  // namespace agentstore::cmd
