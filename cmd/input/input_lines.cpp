#include "cmd/input/input_lines.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "agentstore/event.hpp"
#include "cmd/read_whole.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t group_lines_max = 256;
constexpr std::size_t group_bytes_max = std::size_t{1} << 20;
constexpr std::size_t chunk_bytes = std::size_t{256} << 10;

}  // namespace

Result<void> InputLines::fill() {
  buffer_.erase(0, start_);
  scanned_ -= start_;
  start_ = 0;
  const std::size_t size = buffer_.size();
  // Twice as much each time for a line that is long, so that reading it costs what it is long.
  const std::size_t wanted = std::max(chunk_bytes, size);
  buffer_.resize(size + wanted);
  const ssize_t got = read_some(descriptor_, buffer_.data() + size, wanted);
  const int error_number = errno;
  buffer_.resize(size + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0) return fail(Code::io, std::string{"cannot read -: "} + std::strerror(error_number));
  ended_ = got == 0;
  return {};
}

bool InputLines::more_is_waiting() const {
  pollfd input{descriptor_, POLLIN, 0};
  return !ended_ && ::poll(&input, 1, 0) == 1;
}

void InputLines::split(std::vector<Span>& found) {
  std::size_t line_start = found.empty() ? start_ : found.back().start + found.back().size + 1;
  while (found.size() < group_lines_max && line_start - start_ < group_bytes_max) {
    const std::size_t newline = buffer_.find('\n', std::max(scanned_, line_start));
    if (newline == buffer_.npos) {
      scanned_ = buffer_.size();
      return;
    }
    found.push_back({line_start, newline - line_start});
    scanned_ = line_start = newline + 1;
  }
}

Result<std::vector<InputLine>> InputLines::next_group() {
  std::vector<Span> found;
  split(found);
  while (found.empty() && !ended_) {
    if (buffer_.size() - start_ > line_bytes_max)
      return fail(Code::invalid, "the line is longer than 64 MiB");
    if (auto filled = fill(); !filled) return std::unexpected{filled.error()};
    split(found);
  }
  // What came in the meantime may share the write. Nothing moves: views into the buffer follow.
  while (!found.empty() && scanned_ == buffer_.size() && found.size() < group_lines_max &&
         scanned_ - start_ < group_bytes_max && more_is_waiting()) {
    const std::size_t moved = start_;
    if (!fill()) break;
    for (Span& span : found) span.start -= moved;
    split(found);
  }
  if (found.empty() && start_ < buffer_.size()) found.push_back({start_, buffer_.size() - start_});

  std::vector<InputLine> lines;
  for (const auto& [start, size] : found) {
    lines.push_back({next_number_++, std::string_view{buffer_}.substr(start, size)});
    start_ = std::min(start + size + 1, buffer_.size());
  }
  scanned_ = std::max(scanned_, start_);
  return lines;
}

}  // namespace agentstore::cmd
