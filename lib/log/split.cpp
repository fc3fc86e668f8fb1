#include "log/split.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace agentstore::log {
namespace {

constexpr std::size_t read_bytes_min = std::size_t{256} << 10;
constexpr std::size_t long_bytes = std::size_t{1} << 20;

}  // namespace

LineSplitter::LineSplitter(ByteSource& source, std::uint64_t offset, std::uint64_t limit)
    : source_(source), buffer_offset_(offset), limit_(limit) {}

// Room that nothing was read to takes no memory: a long line has what the longest one needs at
// once.
void LineSplitter::grow(std::size_t more_bytes) {
  const std::size_t room =
      more_bytes + (filled_ < long_bytes ? filled_ * 2 : std::max(filled_, line_bytes_max));
  auto* const larger = static_cast<char*>(std::realloc(buffer_.get(), room));
  if (larger == nullptr) throw std::bad_alloc{};
  (void)buffer_.release();
  buffer_.reset(larger);
  room_bytes_ = room;
}

Result<bool> LineSplitter::refill(std::uint64_t keep_from) {
  const auto keep = static_cast<std::size_t>(std::max(keep_from, buffer_offset_) - buffer_offset_);
  const std::uint64_t next = buffer_offset_ + filled_;
  if (next >= limit_) return false;
  if (keep > 0) std::memmove(buffer_.get(), buffer_.get() + keep, filled_ - keep);
  buffer_offset_ += keep;
  filled_ -= keep;
  at_ -= keep;
  // By a share of a long line, which may be looked through each time.
  const std::size_t wanted = std::max(read_bytes_min, filled_ / 16);
  const std::size_t room = std::min<std::uint64_t>(wanted, limit_ - next);
  if (room_bytes_ < filled_ + room) grow(room);
  const auto got = source_.read_at(next, buffer_.get() + filled_, room);
  if (!got) return std::unexpected(got.error());
  filled_ += *got;
  if (*got < room) limit_ = next + *got;  // It was cut meanwhile.
  return *got > 0;
}

std::optional<RawLine> LineSplitter::remainder() {
  if (at_ == filled_) return std::nullopt;
  const RawLine line{{buffer_.get() + at_, filled_ - at_},
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

Result<void> for_each_line(ByteSource& log, const std::function<void(std::string_view)>& use) {
  LineSplitter lines{log, 0, log.size_bytes()};
  for (;;) {
    while (const auto raw = lines.take()) use(raw->text);
    const auto more = lines.refill(lines.offset());
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
  }
}

}  // namespace agentstore::log
