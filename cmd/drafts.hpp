// Drafts: events to be, as lines of JSON on standard input; and their acknowledgements.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/append.hpp"
#include "agentstore/event.hpp"
#include "agentstore/result.hpp"

namespace agentstore::cmd {

/// Reads {"type","payload"?,"metadata"?,"event_id"?,"timestamp"?}; any other key is refused.
/// Payload and metadata are taken as they stand; the store checks what they hold.
Result<Draft> parse_draft(std::string_view line);

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

/// The acknowledgement of an event, as a line.
std::string receipt_line(const Receipt& receipt);

/// All of a descriptor's bytes. Errors: invalid (more than `bytes_max`), io.
Result<std::string> read_whole(int descriptor, std::size_t bytes_max, std::string_view name);
/// The same of the file at a path; "-" is standard input.
Result<std::string> read_whole_file(const std::string& path, std::size_t bytes_max);

/// A word of the command line: JSON, or @FILE. Errors: as read_whole_file.
Result<std::string> read_payload(const std::string& text);

}  // namespace agentstore::cmd
