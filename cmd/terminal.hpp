// The terminal, for what is done key by key.

#pragma once

#include <cstddef>

#include "agentstore/result.hpp"

namespace agentstore::cmd {

struct ScreenSize {
  std::size_t columns = 80;
  std::size_t lines = 24;
};

enum class Key {
  text,  ///< a byte of a character
  right,
  left,
  up,
  down,
  page_up,
  page_down,
  first,
  last,
  enter,
  erase,
  escape,
  interrupt,
  end_of_input,
  resize,  ///< no key: the terminal has another size
  other,
};

struct KeyPress {
  Key key = Key::other;
  char text = '\0';
};

/// Keys come one by one, unseen, and the screen is a second one, until this is gone, or a signal
/// ends the program. There is one of it at most.
class Terminal {
 public:
  /// Errors: invalid, where standard input or output is not a terminal, or one that cannot place
  /// its cursor, or that nothing describes.
  static Result<Terminal> open();

  Terminal(Terminal&& other) noexcept;
  Terminal& operator=(Terminal&&) = delete;
  ~Terminal();

  /// Blocks until a key is pressed, or the size changes: however often it did, that is told once.
  KeyPress read_key();
  static ScreenSize size();

 private:
  Terminal() = default;

  bool owned_ = true;
};

}  // namespace agentstore::cmd
