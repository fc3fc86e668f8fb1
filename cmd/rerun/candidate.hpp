// A candidate: a process that is asked and answers, a line at a time. It may hang, die, close what
// it reads, or write without an end: each is an error that says so, and never blocks for longer
// than was asked for.

#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"

namespace agentstore::cmd {

/// A file descriptor that is closed with this.
class Descriptor {
 public:
  explicit Descriptor(int descriptor = -1) : descriptor_{descriptor} {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { close(); }
  int get() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }
  void close();

 private:
  int descriptor_;
};

/// One thread at a time. What it leads is killed with this, after a moment in which it may end.
class Candidate {
 public:
  using Clock = std::chrono::steady_clock;

  /// Bytes of one answer, and so of one line.
  static constexpr std::size_t answer_bytes_max = std::size_t{16} << 20;

  /// Starts the command by the shell. Errors: io.
  static Result<Candidate> start(const std::string& command);
  Candidate(Candidate&& other) noexcept;
  Candidate& operator=(Candidate&&) = delete;
  ~Candidate();

  /// Begins an answer. Errors: invalid, where it has written something that nobody asked for.
  Result<void> begin();
  /// Has it read `lines`, while next_line waits.
  void say(std::string_view lines) { unsent_ += lines; }
  /// Its next line, without the line break, which the last one may lack. Blocks until `deadline`.
  /// Errors: not_found (the shell finds no such command, or may not run it), invalid (why there is
  /// no line). It is of no use then.
  Result<std::string> next_line(Clock::time_point deadline);
  /// What it was told is sent. Blocks until `deadline`; gives up without an error.
  void send_rest(Clock::time_point deadline);
  /// Whether it has ended, or is of no use.
  bool is_over();
  /// Whether it has ended without an error since the answer was begun, and wrote nothing of it.
  bool left_unheard() const;

 private:
  Candidate() = default;
  std::optional<std::string> take_line();
  /// What stands behind the last line break, where it is whole and nothing comes any more.
  std::optional<std::string> take_rest();
  /// Waits for what can be read or written. False: the time is over.
  bool wait(Clock::time_point deadline);
  void read_output();
  void read_errors();
  void write_input();
  Error why_no_line();
  /// What it said last on standard error, after `text`.
  std::string with_last_words(std::string text) const;
  std::optional<int> wait_for_end(std::chrono::milliseconds at_most);
  void end_group();

  pid_t process_ = 0;  // 0: none, or it was waited for
  std::optional<int> ended_;
  Descriptor input_;
  Descriptor output_;
  Descriptor errors_;
  std::string unsent_;
  std::string unread_;
  std::size_t taken_bytes_ = 0;     // of unread_
  std::size_t searched_bytes_ = 0;  // from there on there is no line break up to here
  std::size_t answer_bytes_ = 0;
  std::string last_words_;
  bool useless_ = false;
};

}  // namespace agentstore::cmd
