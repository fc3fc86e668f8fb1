// Chunks: parts of a log of about one size. A line belongs to the chunk that it begins in.

#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "log/split.hpp"

namespace agentstore::log {

/// From this size on more threads are worth their start.
inline constexpr std::uint64_t parallel_bytes_min = std::uint64_t{4} << 20;

/// How a log is cut.
struct Cuts {
  std::uint64_t chunk_bytes = std::uint64_t{2} << 20;          ///< what a thread takes at a time
  std::uint64_t parallel_bytes_min = log::parallel_bytes_min;  ///< below it all is read in order
  std::uint64_t tail_bytes = std::uint64_t{64} << 10;          ///< read in order: it may be torn
  /// A longer line is read in order, so that no two threads hold such lines.
  std::uint64_t line_bytes_max = std::uint64_t{1} << 20;
};

/// The lines of a log by the chunks that they begin in. For one thread.
class ChunkLines {
 public:
  /// Cuts the bytes [from, end), from the beginning of a line on.
  ChunkLines(ByteSource& source, std::uint64_t from, std::uint64_t end, const Cuts& cuts)
      : from_(from), end_(end), cuts_(cuts), lines_(source, 0, 0) {}

  /// How many there are.
  static std::uint64_t count(std::uint64_t from, std::uint64_t end, const Cuts& cuts) {
    return (end - from + cuts.chunk_bytes - 1) / cuts.chunk_bytes;
  }

  /// Gives the lines of a chunk to `take`; each time before those that were given are void,
  /// calls `leave`. False where they have to be read in order: `take` refused one (with false), or
  /// one is too long, or cut off by the end. Errors: io.
  template <class Take, class Leave>
  Result<bool> each(std::uint64_t index, Take&& take, Leave&& leave) {
    begin(index);
    for (;;) {
      while (const auto line = next())
        if (line->too_long || !take(*line)) return false;
      leave();
      const auto read = read_on();
      if (!read) return std::unexpected(read.error());
      if (lines_.unfinished_bytes() > cuts_.line_bytes_max) return false;
      if (!*read) return lines_.offset() >= to_;
    }
  }

 private:
  void begin(std::uint64_t index);
  // The next line that lies in memory.
  std::optional<RawLine> next() {
    if (lines_.offset() >= to_) return std::nullopt;
    auto line = lines_.take();
    if (!inside_ || !line) return line;
    inside_ = false;
    return next();
  }
  // False where there is no more.
  Result<bool> read_on();

  const std::uint64_t from_;
  const std::uint64_t end_;
  const Cuts cuts_;
  LineSplitter lines_;
  std::uint64_t to_ = 0;  // where the chunk ends
  bool inside_ = false;   // the line that began before it
};

}  // namespace agentstore::log
