// How far a long piece of work has come: a line on standard error, only on a terminal, only after
// a second.

#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace agentstore::cmd {

/// May be told by several threads.
class Progress {
 public:
  /// `each`: what is done one by one.
  explicit Progress(std::uint64_t bytes_to_do, const char* each = "file");
  /// Turns are counted, not bytes, and sessions are done one by one: so many.
  struct Turns {
    std::uint64_t sessions = 0;
  };
  explicit Progress(const Turns& turns);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void file(std::uint64_t number, std::uint64_t of) {
    const std::lock_guard guard{lock_};
    file_ = number;
    files_ = of;
  }
  void add(std::uint64_t bytes);
  /// Takes the line away, before something else is said.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  void show(Clock::time_point at);
  /// How much of what is to do is done: 0 to 1; nothing where that is not known.
  std::optional<double> share() const;

  std::mutex lock_;
  bool wanted_;
  std::uint64_t bytes_to_do_;
  const char* each_;
  bool counts_turns_ = false;
  std::uint64_t bytes_ = 0;
  std::uint64_t file_ = 0;
  std::uint64_t files_ = 0;
  Clock::time_point started_ = Clock::now();
  Clock::time_point shown_ = started_;
  bool visible_ = false;
};

}  // namespace agentstore::cmd
