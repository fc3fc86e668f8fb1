#include "log/split.hpp"

#include <algorithm>
#include <cstring>

namespace agentstore::log {
namespace {

constexpr std::size_t buffer_bytes_min = std::size_t{256} << 10;

}  // namespace

LineSplitter::LineSplitter(ByteSource& source, std::uint64_t offset, std::uint64_t limit)
    : source_(source), buffer_offset_(offset), limit_(limit) {}

Result<bool> LineSplitter::refill(std::uint64_t keep_from) {
  const auto keep = static_cast<std::size_t>(std::max(keep_from, buffer_offset_) - buffer_offset_);
  const std::uint64_t next = buffer_offset_ + filled_;
  if (next >= limit_) return false;
  if (keep > 0) std::memmove(buffer_.data(), buffer_.data() + keep, filled_ - keep);
  buffer_offset_ += keep;
  filled_ -= keep;
  at_ -= keep;
  // A short log is not worth a large buffer: clearing one costs more than reading the log.
  const std::size_t wanted = std::min<std::uint64_t>(buffer_bytes_min, limit_ - next);
  if (buffer_.size() < filled_ + wanted) {
    // More than the longest line takes no room.
    const std::size_t twice = std::min(filled_ * 2, std::max(filled_, line_bytes_max));
    buffer_.resize(twice + wanted);
  }
  const std::size_t room = std::min<std::uint64_t>(buffer_.size() - filled_, limit_ - next);
  const auto got = source_.read_at(next, buffer_.data() + filled_, room);
  if (!got) return std::unexpected(got.error());
  filled_ += *got;
  if (*got < room) limit_ = next + *got;  // It was cut meanwhile.
  return *got > 0;
}

std::optional<RawLine> LineSplitter::remainder() {
  if (at_ == filled_) return std::nullopt;
  const RawLine line{{buffer_.data() + at_, filled_ - at_},
                     offset(),
                     buffer_offset_ + filled_,
                     false,
                     filled_ - at_ >= line_bytes_max};
  at_ = filled_;
  searched_ = 0;
  return line;
}

void LineSplitter::rewind(std::uint64_t offset) {
  at_ = static_cast<std::size_t>(offset - buffer_offset_);
  searched_ = 0;
}

void LineSplitter::restart(std::uint64_t offset, std::uint64_t limit) {
  buffer_offset_ = offset;
  limit_ = std::max(limit, offset);
  at_ = filled_ = searched_ = 0;
}

}  // namespace agentstore::log
