// Bytes of a file or of standard input, front to back; gzip and Zstandard are undone on the way.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "agentstore/result.hpp"
#include "agentstore/timestamp.hpp"
#include "cmd/input/open_file.hpp"

namespace agentstore::cmd {

/// Undoes one kind of compression.
class Inflater {
 public:
  virtual ~Inflater() = default;
  /// Takes from the front of `in` and gives up to `size` bytes. Errors: corrupt.
  virtual Result<std::size_t> inflate(std::string_view& in, char* into, std::size_t size) = 0;
  /// Whether the compressed bytes may end here.
  virtual bool may_end() const = 0;
};

/// What undoes the compression of bytes that begin so; null: they are not compressed.
std::unique_ptr<Inflater> make_inflater(std::string_view head);

class ByteInput {
 public:
  /// "-" is standard input. Errors: not_found; io; invalid (a folder, a device).
  static Result<ByteInput> open(const std::string& path);

  ByteInput(ByteInput&&) noexcept = default;
  ByteInput& operator=(ByteInput&&) = delete;

  /// The beginning, without taking it: `size` bytes, or all where there are fewer.
  Result<std::string_view> peek(std::size_t size);
  /// Up to `size` bytes; 0 at the end. Errors: io; corrupt (bad compressed bytes); invalid (they
  /// expand beyond all measure; a line is too long, see limit_lines).
  Result<std::size_t> read(char* into, std::size_t size);
  /// From now on a line of over 64 MiB is refused: a pipe may give one that never ends.
  void limit_lines() { lines_limited_ = true; }

  const std::string& path() const { return path_; }
  /// What messages call it from here on.
  void is_called(std::string path) { path_ = std::move(path); }
  /// When the file last changed, as far as is known when it is opened; of a pipe: now.
  Timestamp changed_at() const { return changed_at_; }
  bool compressed() const { return inflater_ != nullptr; }
  /// Bytes of the file that were read.
  std::uint64_t file_bytes() const { return file_bytes_; }
  /// Whether the file is shorter now than what was read of it.
  bool was_cut() const;

 private:
  explicit ByteInput(std::string path) : path_{std::move(path)} {}

  Result<void> start();
  Result<std::size_t> read_file(char* into, std::size_t size);
  Result<std::size_t> read_inflated(char* into, std::size_t size);
  Result<std::size_t> read_any(char* into, std::size_t size);
  Result<void> check_line(std::string_view bytes);

  std::string path_;
  Timestamp changed_at_;
  OpenFile file_;
  bool started_ = false;
  std::unique_ptr<Inflater> inflater_;
  std::string raw_;  // read from the file, not given yet
  std::size_t raw_at_ = 0;
  std::string peeked_;
  std::size_t peeked_at_ = 0;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t inflated_bytes_ = 0;
  bool lines_limited_ = false;
  std::uint64_t lines_ = 0;       // that ended, of those that were read under the limit
  std::uint64_t line_bytes_ = 0;  // of the line after them, so far
};

}  // namespace agentstore::cmd
