#include "log/chunk.hpp"

namespace agentstore::log {
namespace {

// Few lines reach further than this behind the end of their chunk.
constexpr std::uint64_t behind_bytes = std::uint64_t{32} << 10;

}  // namespace

void ChunkLines::begin(std::uint64_t index) {
  const std::uint64_t from = from_ + index * cuts_.chunk_bytes;
  to_ = std::min(from + cuts_.chunk_bytes, end_);
  inside_ = from > 0;
  // With the byte before it is seen whether a line begins at `from`.
  lines_.restart(inside_ ? from - 1 : 0, to_);
}

Result<bool> ChunkLines::read_on() {
  // Of a line that began before, only where it ends is of interest, if that is here.
  if (inside_) lines_.drop_unfinished();
  if (lines_.offset() >= to_) return false;
  if (lines_.buffer_end() == lines_.limit())
    lines_.extend(std::min(end_, lines_.limit() + behind_bytes));
  return lines_.refill(lines_.offset());
}

}  // namespace agentstore::log
