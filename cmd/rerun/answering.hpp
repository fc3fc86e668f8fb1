// Answering a session: its turns that are not answered yet are asked of a candidate, one by one,
// and each answer is durable, in one write, before the next turn is asked.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agentstore/analysis/rerun.hpp"
#include "agentstore/store.hpp"
#include "cmd/rerun/candidate.hpp"
#include "formats/answers/rerun_made.hpp"

namespace agentstore::cmd {

/// Lets no more than one turn through in an interval. Thread-safe.
class Pace {
 public:
  using Clock = std::chrono::steady_clock;
  /// "2/s", "30/m", "500/h"; nothing: without a limit. Errors: invalid.
  static Result<std::chrono::nanoseconds> parse(const std::optional<std::string>& word);

  explicit Pace(std::chrono::nanoseconds interval) : interval_{interval} {}
  /// Blocks until it is the caller's turn.
  void wait();

 private:
  const std::chrono::nanoseconds interval_;
  std::mutex mutex_;
  Clock::time_point next_ = Clock::now();
};

/// A session whose turns are to be answered.
struct RerunWork {
  Rerun rerun;
  std::string path;         ///< of the file that it was read from; empty: a store
  std::vector<Turn> turns;  ///< all of it
};

struct AnsweringOptions {
  std::chrono::seconds timeout{300};
  bool again = false;
};

/// Answers sessions one after the other, by one candidate that is started when it is first needed,
/// and again after a turn that failed. One thread; `store`, `pace` and `stop` are shared by
/// several. `turn_done` is called after each turn that was asked.
class Answering {
 public:
  Answering(Store& store, const AnsweringOptions& options, Pace& pace, std::atomic<bool>& stop,
            std::function<void()> turn_done)
      : store_{store},
        options_{options},
        pace_{pace},
        stop_{stop},
        turn_done_{std::move(turn_done)} {}

  /// Blocks. What stops everything (the candidate cannot be run, another rerun writes the same
  /// session, the store refuses) stands in `refused`, and `stop` is set.
  formats::MadeRerun answer(const RerunWork& work);

 private:
  Store& store_;
  const AnsweringOptions& options_;
  Pace& pace_;
  std::atomic<bool>& stop_;
  std::function<void()> turn_done_;
  std::optional<Candidate> candidate_;
};

}  // namespace agentstore::cmd
