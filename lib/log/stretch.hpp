// Stretches: parts of a log of about one size. A line belongs to the stretch that it begins in.

#pragma once

#include <cstdint>
#include <optional>

#include "log/split.hpp"

namespace agentstore::log {

/// From this size on more threads are worth their start.
inline constexpr std::uint64_t parallel_bytes_min = std::uint64_t{4} << 20;

/// What a thread takes at a time.
inline constexpr std::uint64_t stretch_bytes_usual = std::uint64_t{2} << 20;

/// The lines that begin in [from, to), of a log that ends at `end`.
class StretchLines {
 public:
  explicit StretchLines(ByteSource& source) : lines_(source, 0, 0) {}

  void begin(std::uint64_t from, std::uint64_t to, std::uint64_t end);
  /// The next line that lies in memory; nothing where `read_on` has to be asked.
  std::optional<RawLine> take() {
    if (lines_.offset() >= to_) return std::nullopt;
    auto line = lines_.take();
    if (!inside_ || !line) return line;
    inside_ = false;
    return take();
  }
  /// Reads more; what `take` gave is void. False where there is no more. Errors: io.
  Result<bool> read_on();
  /// Whether the last line that begins here was cut off by the end of the log.
  bool cut() const { return lines_.offset() < to_; }
  /// How long the next line is at least, that is not in memory whole.
  std::size_t unfinished_bytes() const { return lines_.unfinished_bytes(); }

 private:
  LineSplitter lines_;
  std::uint64_t to_ = 0;
  std::uint64_t end_ = 0;
  bool inside_ = false;  // the line that began before
};

}  // namespace agentstore::log
