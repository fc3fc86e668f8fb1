// Lines out of a log's bytes: large reads into one buffer, split at newlines. A newline never
// stands inside a JSON line, so one damaged line costs that line alone.

#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "agentstore/event.hpp"
#include "log/source.hpp"

namespace agentstore::log {

struct RawLine {
  std::string_view text;  ///< without its newline; of a line that is too long, its beginning
  std::uint64_t offset_bytes = 0;
  std::uint64_t end_bytes = 0;  ///< behind its newline
  bool terminated = true;
  bool too_long = false;
};

class LineSplitter {
 public:
  /// Reads `source` from `offset` up to `limit`.
  LineSplitter(ByteSource& source, std::uint64_t offset, std::uint64_t limit);

  /// The next line that lies in the buffer whole; nothing where more bytes are needed.
  std::optional<RawLine> take() {
    const char* const start = buffer_.get() + at_;
    const std::size_t left = filled_ - at_;
    if (left <= searched_) return std::nullopt;
    const auto* const newline =
        static_cast<const char*>(std::memchr(start + searched_, '\n', left - searched_));
    if (newline == nullptr) {
      searched_ = left;
      return std::nullopt;
    }
    const auto length = static_cast<std::size_t>(newline - start);
    const std::uint64_t begin = offset();
    at_ += length + 1;
    searched_ = 0;
    return RawLine{{start, length}, begin, begin + length + 1, true, length >= line_bytes_max};
  }
  /// Bytes from the next line on that hold no newline: how long that line is at least.
  std::size_t unfinished_bytes() const { return filled_ - at_; }
  /// Drops them, to go on inside an endless line without keeping it.
  void drop_unfinished() {
    at_ = filled_;
    searched_ = 0;
  }
  /// Reads more, and keeps what stands from `keep_from` on; false at the limit. Views from before
  /// are void.
  Result<bool> refill(std::uint64_t keep_from);
  /// What is left at the limit, without a newline; nothing where nothing is.
  std::optional<RawLine> remainder();
  /// Goes back to an offset that was kept.
  void rewind(std::uint64_t offset);
  /// Forgets what was read, and reads from `offset` up to a new limit.
  void restart(std::uint64_t offset, std::uint64_t limit);
  /// Reads up to a later limit.
  void extend(std::uint64_t limit) { limit_ = limit; }

  std::uint64_t offset() const { return buffer_offset_ + at_; }
  /// How far it has read.
  std::uint64_t buffer_end() const { return buffer_offset_ + filled_; }
  std::uint64_t limit() const { return limit_; }

 private:
  void grow(std::size_t more_bytes);

  ByteSource& source_;
  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };
  std::unique_ptr<char, Free> buffer_;
  std::size_t room_bytes_ = 0;  // of the buffer
  std::uint64_t buffer_offset_ = 0;
  std::size_t at_ = 0;
  std::size_t filled_ = 0;
  std::size_t searched_ = 0;  // how far from at_ there is no newline
  std::uint64_t limit_ = 0;
};

/// Gives each line that is ended, without its newline, to `use`. Errors: io.
Result<void> for_each_line(ByteSource& log, const std::function<void(std::string_view)>& use);

}  // namespace agentstore::log
