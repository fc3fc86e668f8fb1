// The terminal, for what is done key by key.

#pragma once

#include <cstddef>

#include "agentstore/result.hpp"

namespace agentstore::cmd {

struct ScreenSize {
  std::size_t columns = 80;
  std::size_t lines = 24;
};

enum class Key { forward, back, first, last, quit, digit, enter, other };

struct KeyPress {
  Key key = Key::other;
  char text = '\0';
};

/// Keys come one by one, unseen, and the screen is a second one, until this is gone, or a signal
/// ends the program. There is one of it at most.
class Terminal {
 public:
  /// Errors: invalid, where standard input or output is not a terminal.
  static Result<Terminal> open();

  Terminal(Terminal&& other) noexcept;
  Terminal& operator=(Terminal&&) = delete;
  ~Terminal();

  /// Blocks. The end of the input is `quit`.
  KeyPress read_key();
  static ScreenSize size();

 private:
  Terminal() = default;

  bool owned_ = true;
};

}  // namespace agentstore::cmd
