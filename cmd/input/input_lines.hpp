// Lines of a descriptor, as they come.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/result.hpp"

namespace agentstore::cmd {

struct InputLine {
  std::uint64_t number = 0;  ///< from 1
  std::string_view text;     ///< without its newline
};

/// Lines from a descriptor, as they come: those that are there already come together.
class InputLines {
 public:
  /// A group ends at 256 lines, or at a mebibyte.
  explicit InputLines(int descriptor) : descriptor_{descriptor} {}

  /// Blocks until there is a whole line; empty at the end. A last line without a newline counts, an
  /// empty one does not. Views live until the next call.
  /// Errors: invalid (a line that is too long, a blank line), io.
  Result<std::vector<InputLine>> next_group();
  /// The number of the line that comes next.
  std::uint64_t next_number() const { return next_number_; }

 private:
  struct Span {
    std::size_t start;
    std::size_t size;
  };

  Result<void> fill();
  bool more_is_waiting() const;
  void split(std::vector<Span>& found);

  int descriptor_;
  std::string buffer_;
  std::size_t start_ = 0;    ///< of what was not given out yet
  std::size_t scanned_ = 0;  ///< no newline between start_ and here
  std::uint64_t next_number_ = 1;
  bool ended_ = false;
};

}  // namespace agentstore::cmd
