// Zstandard frames (RFC 8878), one after the other in a file: each says how many bytes it expands
// to, and can be read, replaced or cut off without the others. `zstd -d` reads the whole.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/file.hpp"

namespace agentstore {

/// Appends one frame that holds `bytes` to `out`. The same bytes give the same frame.
void append_frame(std::string& out, std::string_view bytes);

/// What one frame holds; nothing where `packed` is none, or says that it expands to more than
/// `content_bytes_max`.
std::optional<std::string> content_of_frame(std::string_view packed,
                                            std::uint64_t content_bytes_max);

struct Frame {
  std::string_view packed;          ///< as it lies in the file
  std::uint64_t offset_bytes = 0;   ///< where in the file
  std::uint64_t content_bytes = 0;  ///< what it says that it expands to
};

/// Reads the frames of a file in their order, each into memory. For one thread; what it is made of
/// outlives it.
class FrameReader {
 public:
  /// Frames of more than `content_bytes_max` are damage.
  FrameReader(System& system, const Descriptor& file, Path path, std::uint64_t content_bytes_max)
      : system_(system),
        file_(file),
        path_(std::move(path)),
        content_bytes_max_(content_bytes_max) {}

  /// The next frame, whose view lives until the next call; nothing at the end. Errors: corrupt
  /// (what follows is no frame, or not all of one); io.
  Result<std::optional<Frame>> next();
  /// The same where one has to be there. Errors: likewise; corrupt, at the end.
  Result<Frame> require_next();
  /// What a frame that it gave expands to; the view lives until the next call. Errors: corrupt.
  Result<std::string_view> expand(const Frame& frame);
  /// Where the next frame begins.
  std::uint64_t offset() const { return offset_; }

 private:
  Result<bool> read_more();
  std::unexpected<Error> damaged(const std::string& why) const;

  System& system_;
  const Descriptor& file_;
  const Path path_;
  const std::uint64_t content_bytes_max_;
  std::uint64_t offset_ = 0;
  std::string bytes_;  // of the file, from the frame at offset_ on
  std::string content_;
  std::size_t given_ = 0;  // of bytes_: the frame that was given last
};

}  // namespace agentstore
